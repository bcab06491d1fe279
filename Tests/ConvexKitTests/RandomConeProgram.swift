import ConvexKit

/// Random cone programs that have a solution: a strictly feasible point and a strictly feasible dual
/// point are drawn first, b = A x + s and q = −P x − Aᵀz follow.
struct RandomConeProgram {
  var dense: [[Double]]
  var quadratic: SymmetricSparseMatrix
  var linear: Vector<Double>
  var rightHandSide: Vector<Double>
  var cones: [Cone]

  /// One cone of each kind, in a mixed order.
  static let mixed: [Cone] = [
    .secondOrder(3), .nonnegative(6), .exponential, .zero(2), .power(alpha: 0.3), .secondOrder(8),
    .nonnegative(3), .power(alpha: 0.8), .exponential,
  ]
  /// Cones that have a Nesterov-Todd scaling.
  static let symmetric: [Cone] = [
    .nonnegative(8), .secondOrder(4), .zero(3), .secondOrder(4), .secondOrder(9), .nonnegative(2),
  ]

  /// A program with n variables; A has entries in a share of `density` of its places.
  init(
    _ cones: [Cone], variables n: Int, density: Double = 0.6, rank: Int = 0,
    _ random: inout SeededGenerator
  ) throws {
    self.cones = cones
    let m = cones.reduce(0) { $0 + $1.dimension }
    dense = []
    for _ in 0..<m {
      var row: [Double] = []
      for _ in 0..<n { row.append(random.uniform() < density ? random.normal() : 0) }
      dense.append(row)
    }
    var p = Matrix<Double>(rows: n, columns: n) { _, _ in 0 }
    for _ in 0..<rank {
      let f = (0..<n).map { _ in random.normal() }
      for i in 0..<n { for j in 0..<n { p[i, j] += f[i] * f[j] } }
    }
    quadratic = try SymmetricSparseMatrix(SparseMatrix(p))
    let x = Vector((0..<n).map { _ in random.normal() })
    var s = Vector<Double>([])
    var z = s
    for cone in cones {
      s = Vector(s.elements + InteriorPoints.random(cone, isDual: false, &random))
      z = Vector(z.elements + InteriorPoints.random(cone, isDual: true, &random))
    }
    let a = try RandomConeProgram.sparse(dense, columns: n)
    rightHandSide = a * x + s
    linear = -1 * (quadratic * x + a.transposeTimes(z))
  }

  /// The program.
  func program() throws -> ConeProgram {
    try ConeProgram(
      minimize: linear, quadratic: quadratic,
      constraints: RandomConeProgram.sparse(dense, columns: linear.count),
      rightHandSide: rightHandSide, cones: cones)
  }

  private static func sparse(_ rows: [[Double]], columns: Int) throws -> SparseMatrix<Double> {
    try SparseMatrix(Matrix(rows: rows.count, columns: columns) { rows[$0][$1] })
  }
}
