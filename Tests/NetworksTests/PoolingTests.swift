import Networks
import TestSupport
import Testing

@Suite struct PoolingTests {
  /// 1 … 7 in a row, and a mean whose windows round up.
  @Test(
    arguments: [
      (2, 2, 0, true, [1.5, 3.5, 5.5, 7], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1]),
      (
        4, 3, 2, true, [0.75, 3.5, 4.5], [0.25, 0.5, 0.25, 0.25, 0.5, 0.25, 0.25]
      ),
      (
        4, 3, 2, false, [1.5, 3.5, 6],
        [0.5, 0.75, 0.25, 0.25, 0.25 + 1 / 3.0, 1 / 3.0, 1 / 3.0]
      ),
    ] as [(Int, Int, Int, Bool, [Double], [Double])])
  func `a mean over a window that rounds up divides by what there is of it, padding included`(
    kernel: Int, stride: Int, padding: Int, countsPadding: Bool, y: [Double], dx: [Double]
  ) throws {
    let x = Tensor((1...7).map { Float($0) }, shape: [1, 1, 1, 7]).differentiable()
    let pooling = Pooling(
      kernel: [1, kernel], stride: [1, stride], padding: [0, padding], roundsUp: true)
    let mean = x.averagePool2D(pooling, countsPadding: countsPadding)
    #expect(maximumAbsoluteDifference(mean.elements.map(Double.init), y) <= 1e-6)
    let gradient = try #require(mean.sum().pullBack()[x])
    #expect(maximumAbsoluteDifference(gradient.elements.map(Double.init), dx) <= 1e-6)
  }
}
