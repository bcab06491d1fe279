/// The learned dual witness λ of Eq. 6: one number per coarse cell, shared by all samples.
///
/// - Shapes: `lamb` `[1, 1, h, w]`, the coarse map's grid.
/// - Source: Ron et al., ICML 2022, Eqs. 5 and 6. The published code starts λ at 1; adding a
///   constant changes nothing, and here it starts at 0.
public struct Marginals: Module {
  /// λ
  public let lamb: Parameter

  /// A witness with given values, `[1, 1, h, w]`.
  public init(lamb: Parameter) {
    precondition(
      lamb.shape.count == 4 && lamb.shape[..<2] == [1, 1],
      "Marginals: lamb has shape \(lamb.shape), not [1, 1, h, w]")
    self.lamb = lamb
  }

  /// A witness of zeros for a grid of `[rows, columns]` coarse cells.
  public init(grid: [Int]) {
    self.init(lamb: Parameter(Tensor(repeating: 0, shape: [1, 1] + grid)))
  }
}
