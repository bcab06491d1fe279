/// A symmetric matrix whose entries beyond a number of subdiagonals are zero.
///
/// ```
/// A_ij = A_ji = elements[(i − j) + j (bandwidth + 1)],   0 ≤ i − j ≤ bandwidth
/// ```
///
/// - Source: LAPACK's band storage of a lower triangle.
public struct SymmetricBandedMatrix<Scalar: LinearAlgebraScalar>: Sendable, Equatable {
  /// The number of rows and columns.
  public let order: Int
  /// The number of subdiagonals that may be other than zero.
  public let bandwidth: Int
  /// The band, column after column, `bandwidth + 1` elements each; those that would lie below the
  /// last row are not used.
  public var elements: [Scalar]

  /// A matrix of zeros.
  ///
  /// - Parameters:
  ///   - order: The number of rows and columns.
  ///   - bandwidth: The number of subdiagonals.
  public init(order: Int, bandwidth: Int) {
    precondition(order >= 0 && bandwidth >= 0, "SymmetricBandedMatrix: \(order), \(bandwidth)")
    self.order = order
    self.bandwidth = bandwidth
    elements = Array(repeating: 0, count: order * (bandwidth + 1))
  }

  /// Element (i, j), and with it (j, i). Outside of the band it is 0 and stays so.
  public subscript(i: Int, j: Int) -> Scalar {
    get {
      let (row, column) = (max(i, j), min(i, j))
      precondition(column >= 0 && row < order, "SymmetricBandedMatrix: (\(i), \(j)) of \(order)")
      return row - column > bandwidth ? 0 : elements[row - column + column * (bandwidth + 1)]
    }
    set {
      let (row, column) = (max(i, j), min(i, j))
      precondition(
        column >= 0 && row < order && row - column <= bandwidth,
        "SymmetricBandedMatrix: (\(i), \(j)) is outside the band of \(bandwidth)")
      elements[row - column + column * (bandwidth + 1)] = newValue
    }
  }
}
