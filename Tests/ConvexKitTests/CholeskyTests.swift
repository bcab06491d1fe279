import ConvexKit
import TestSupport
import Testing

@Suite struct CholeskyTests {
  /// B Bᵀ + I with B seeded: positive definite, entries beyond `bandwidth` set to zero keeps it so
  /// because the diagonal is then made dominant.
  private func positiveDefinite<Scalar: LinearAlgebraScalar>(
    _ n: Int, bandwidth: Int, seed: UInt64
  ) -> Matrix<Scalar> {
    var generator = SeededGenerator(seed: seed)
    var a = Matrix<Scalar>(rows: n, columns: n) { _, _ in 0 }
    for j in 0..<n {
      for i in j..<min(j + bandwidth + 1, n) {
        a[i, j] = Scalar(generator.normal())
        a[j, i] = a[i, j]
      }
    }
    for j in 0..<n { a[j, j] = 1 + (0..<n).reduce(0) { $0 + ($1 == j ? 0 : abs(a[$1, j])) } }
    return a
  }

  private func banded<Scalar>(
    _ a: Matrix<Scalar>, bandwidth: Int
  ) -> SymmetricBandedMatrix<Scalar> {
    var band = SymmetricBandedMatrix<Scalar>(order: a.rows, bandwidth: bandwidth)
    for j in 0..<a.rows { for i in j...min(j + bandwidth, a.rows - 1) { band[i, j] = a[i, j] } }
    return band
  }

  private func residual<Scalar: LinearAlgebraScalar>(
    _ type: Scalar.Type, _ n: Int, _ bandwidth: Int
  ) throws -> (dense: Scalar, banded: Scalar) {
    let a: Matrix<Scalar> = positiveDefinite(n, bandwidth: bandwidth, seed: UInt64(n))
    let b = Vector((0..<n).map { Scalar($0 % 7) - 3 })
    let dense = try Cholesky(a).solve(b)
    let band = try BandedCholesky(banded(a, bandwidth: bandwidth)).solve(b)
    return ((a * dense - b).infinityNorm, (a * band - b).infinityNorm)
  }

  @Test func `dense and banded factors solve in double and float`() throws {
    for (n, bandwidth) in [(1, 0), (2, 1), (9, 0), (17, 3), (40, 39), (64, 9), (5, 20)] {
      let double = try residual(Double.self, n, bandwidth)
      #expect(double.dense < 1e-13 && double.banded < 1e-13)
      let float = try residual(Float.self, n, bandwidth)
      #expect(float.dense < 2e-5 && float.banded < 2e-5)
    }
  }

  @Test func `a second difference has its known solution`() throws {
    // −x_{i−1} + 2 x_i − x_{i+1} = 1 with zero ends: x_i = i (n + 1 − i) / 2.
    let n = 10
    var a = SymmetricBandedMatrix<Double>(order: n, bandwidth: 1)
    for i in 0..<n {
      a[i, i] = 2
      if i > 0 { a[i - 1, i] = -1 }
    }
    #expect(a[3, 2] == -1 && a[2, 3] == -1 && a[0, 5] == 0)
    let x = try BandedCholesky(a).solve(Vector(repeating: 1, count: n))
    #expect(
      maximumAbsoluteDifference(x, (1...n).map { Double($0 * (n + 1 - $0)) / 2 }) < 1e-12)
  }

  @Test func `an indefinite matrix is refused at the first bad minor`() throws {
    // Minors 1, 1 − 4.
    let a = Matrix<Double>(rows: 3, columns: 3, elements: [1, 2, 0, 2, 1, 0, 0, 0, 1])
    #expect(throws: LinearAlgebraError.notPositiveDefinite(order: 2)) { try Cholesky(a) }
    #expect(throws: LinearAlgebraError.notPositiveDefinite(order: 2)) {
      try BandedCholesky(banded(a, bandwidth: 1))
    }
    let zero = Matrix<Float>(rows: 1, columns: 1, elements: [0])
    #expect(throws: LinearAlgebraError.notPositiveDefinite(order: 1)) { try Cholesky(zero) }
  }

  @Test func `an element that is not finite is refused by its place`() throws {
    var a: Matrix<Double> = positiveDefinite(4, bandwidth: 1, seed: 3)
    a[0, 3] = .nan
    #expect(throws: Never.self) { try Cholesky(a) }
    a[2, 1] = .infinity
    #expect(throws: LinearAlgebraError.notFinite(operand: "A", index: 6)) { try Cholesky(a) }
    #expect(throws: LinearAlgebraError.notFinite(operand: "A", index: 3)) {
      try BandedCholesky(banded(a, bandwidth: 1))
    }
  }

  @Test func `a matrix of order zero has a factor`() throws {
    let none = Matrix<Double>(rows: 0, columns: 0, elements: [])
    #expect(try Cholesky(none).solve([]).isEmpty)
    #expect(
      try BandedCholesky(SymmetricBandedMatrix<Double>(order: 0, bandwidth: 2)).solve([]).isEmpty)
  }
}
