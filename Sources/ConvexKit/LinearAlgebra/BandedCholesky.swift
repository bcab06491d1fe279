/// The Cholesky factor of a symmetric positive definite banded matrix.
///
/// ```
/// A = L Lᵀ,   L lower triangular with the band of A
/// ```
///
/// - Source: LAPACK pbtrf and pbtrs.
public struct BandedCholesky<Scalar: LinearAlgebraScalar>: Sendable {
  /// The number of rows and columns of A.
  public let order: Int
  /// The number of subdiagonals of A and L.
  public let bandwidth: Int
  private var factor: [Scalar]

  /// Factors A, in its own storage where it is not used elsewhere.
  ///
  /// - Parameter matrix: A.
  /// - Throws: ``LinearAlgebraError/notFinite(operand:index:)``,
  ///   ``LinearAlgebraError/notPositiveDefinite(order:)``.
  /// - Complexity: order · bandwidth² operations.
  public init(_ matrix: consuming SymmetricBandedMatrix<Scalar>) throws(LinearAlgebraError) {
    order = matrix.order
    bandwidth = matrix.bandwidth
    factor = matrix.elements
    _ = consume matrix
    let (n, band) = (order, bandwidth)
    for j in 0..<n {
      for i in j...min(j + band, n - 1) where !factor[i - j + j * (band + 1)].isFinite {
        throw .notFinite(operand: "A", index: i - j + j * (band + 1))
      }
    }
    let info = factor.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { Scalar.pbtrf(Int32(n), Int32(band), $0) } ?? 0
    }
    guard info == 0 else { throw .notPositiveDefinite(order: Int(info)) }
  }

  /// The solution of A x = b.
  ///
  /// - Parameter b: A vector of `order` elements.
  /// - Returns: x.
  /// - Complexity: 4 order · bandwidth operations.
  public func solve(_ b: Vector<Scalar>) -> Vector<Scalar> {
    precondition(b.count == order, "BandedCholesky: length \(b.count) for order \(order)")
    var x = b
    factor.withUnsafeBufferPointer { l in
      x.elements.withUnsafeMutableBufferPointer { x in
        guard let l = l.baseAddress, let x = x.baseAddress else { return }
        let info = Scalar.pbtrs(Int32(order), Int32(bandwidth), 1, l, x)
        precondition(info == 0, "pbtrs: argument \(-info)")
      }
    }
    return x
  }
}
