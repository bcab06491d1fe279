/// The Cholesky factor of a symmetric positive definite matrix.
///
/// ```
/// A = L Lᵀ,   L lower triangular
/// ```
///
/// - Source: LAPACK potrf and potrs.
public struct Cholesky<Scalar: LinearAlgebraScalar>: Sendable {
  /// The number of rows and columns of A.
  public let order: Int
  /// L column after column; what lies above its diagonal is not used.
  private var factor: [Scalar]

  /// Factors A. Only its lower triangle is read.
  ///
  /// - Parameter matrix: A, square.
  /// - Throws: ``LinearAlgebraError/notFinite(operand:index:)``,
  ///   ``LinearAlgebraError/notPositiveDefinite(order:)``.
  /// - Complexity: order³/3 operations.
  public init(_ matrix: consuming Matrix<Scalar>) throws(LinearAlgebraError) {
    precondition(
      matrix.rows == matrix.columns, "Cholesky: \(matrix.rows) × \(matrix.columns) is not square")
    order = matrix.rows
    factor = matrix.elements
    for j in 0..<order {
      for i in j..<order where !factor[i + j * order].isFinite {
        throw .notFinite(operand: "A", index: i + j * order)
      }
    }
    let n = Int32(order)
    let info = factor.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { Scalar.potrf(n, $0) } ?? 0
    }
    guard info == 0 else { throw .notPositiveDefinite(order: Int(info)) }
  }

  /// The solution of A x = b.
  ///
  /// - Parameter b: A vector of `order` elements.
  /// - Returns: x.
  /// - Complexity: 2 order² operations.
  public func solve(_ b: Vector<Scalar>) -> Vector<Scalar> {
    precondition(b.count == order, "Cholesky: length \(b.count) for order \(order)")
    var x = b
    factor.withUnsafeBufferPointer { l in
      x.elements.withUnsafeMutableBufferPointer { x in
        guard let l = l.baseAddress, let x = x.baseAddress else { return }
        let info = Scalar.potrs(Int32(order), 1, l, x)
        precondition(info == 0, "potrs: argument \(-info)")
      }
    }
    return x
  }
}
