/// A convex quadratic cone program.
///
/// ```
/// minimize  ½ xᵀP x + qᵀx   subject to   A x + s = b,   s ∈ K                            (1)
/// maximize  −½ xᵀP x − bᵀz  subject to   P x + q + Aᵀz = 0,   z ∈ K*                     (2)
/// ```
///
/// K is a product of cones that take the rows in order. (2) is the dual; without a quadratic term
/// both are the usual pair of linear cone programs.
///
/// - Shapes: P `[n, n]`, positive semidefinite; q, x `[n]`; A `[m, n]`; b, s, z `[m]`.
public struct ConeProgram: Sendable, Equatable {
  /// P, its upper triangle.
  public internal(set) var quadratic: SymmetricSparseMatrix
  /// q.
  public internal(set) var linear: Vector<Double>
  /// A.
  public internal(set) var constraints: SparseMatrix<Double>
  /// b. An element of +∞ in a nonnegative cone is no constraint.
  public internal(set) var rightHandSide: Vector<Double>
  /// K, its factors in the order of the rows.
  public let cones: [Cone]

  /// The number of variables, n.
  public var variableCount: Int { linear.count }
  /// The number of rows, m.
  public var rowCount: Int { rightHandSide.count }

  /// A program, checked.
  ///
  /// - Parameters:
  ///   - linear: q, finite.
  ///   - quadratic: P, positive semidefinite; nil for none.
  ///   - constraints: A.
  ///   - rightHandSide: b, finite but for +∞ in a nonnegative cone, which is no constraint.
  ///   - cones: K, its factors in the order of the rows.
  /// - Throws: ``ConeProgramError`` naming the operand and the place at fault.
  public init(
    minimize linear: Vector<Double>, quadratic: SymmetricSparseMatrix? = nil,
    constraints: SparseMatrix<Double>, rightHandSide: Vector<Double>, cones: [Cone]
  ) throws(ConeProgramError) {
    self.linear = linear
    self.quadratic = quadratic ?? SymmetricSparseMatrix(zero: linear.count)
    self.constraints = constraints
    self.rightHandSide = rightHandSide
    self.cones = cones
    try checkShapes()
    try ConeProgram.check(finite: linear, "q")
    try checkRightHandSide()
    try checkConvexity()
  }

  /// ½ xᵀP x + qᵀx.
  ///
  /// - Parameter x: A point, `[n]`.
  /// - Returns: The objective's value there.
  public func objective(_ x: Vector<Double>) -> Double {
    0.5 * x.dot(quadratic * x) + linear.dot(x)
  }

  /// The cones with the rows they take.
  var blocks: [(cone: Cone, rows: Range<Int>)] {
    var next = 0
    return cones.map { cone in
      defer { next += cone.dimension }
      return (cone, next..<next + cone.dimension)
    }
  }
}
