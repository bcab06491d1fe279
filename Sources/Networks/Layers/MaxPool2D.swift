/// The largest value of each window.
public struct MaxPool2D: Module {
  /// The windows.
  public let pooling: Pooling

  /// A layer with square windows, by default side by side.
  public init(kernel: Int, stride: Int? = nil, padding: Int = 0, roundsUp: Bool = false) {
    let stride = stride ?? kernel
    pooling = Pooling(
      kernel: [kernel, kernel], stride: [stride, stride], padding: [padding, padding],
      roundsUp: roundsUp)
  }

  /// `[N, C, H, W]` → `[N, C, H′, W′]`
  public func callAsFunction(_ x: Tensor) -> Tensor { x.maxPool2D(pooling) }
}
