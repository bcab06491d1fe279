/// A linear program with bounds on rows and variables.
///
/// ```
/// minimize or maximize  cᵀx   subject to   l ≤ A x ≤ u,   b ≤ x ≤ d                     (1)
/// ```
///
/// - Shapes: c, b, d `[n]`; A `[m, n]`; l, u `[m]`.
public struct LinearProgram: Sendable, Equatable {
  /// Which end of the objective is wanted.
  public enum Sense: Sendable {
    /// The least value.
    case minimize
    /// The greatest value.
    case maximize
  }

  /// Which end of the objective is wanted.
  public let sense: Sense
  /// c.
  public let objective: Vector<Double>
  /// A.
  public let rows: SparseMatrix<Double>
  /// l and u.
  public let rowBounds: [Bounds]
  /// b and d.
  public let variableBounds: [Bounds]

  /// Minimizes cᵀx.
  ///
  /// - Parameters:
  ///   - objective: c.
  ///   - rows: A.
  ///   - rowBounds: l and u, one per row.
  ///   - variableBounds: b and d, one per variable; nil means 0 ≤ x.
  /// - Throws: ``LinearProgramError`` naming the operand and the index at fault.
  public init(
    minimize objective: Vector<Double>, rows: SparseMatrix<Double>, rowBounds: [Bounds],
    variableBounds: [Bounds]? = nil
  ) throws(LinearProgramError) {
    try self.init(.minimize, objective, rows, rowBounds, variableBounds)
  }

  /// Maximizes cᵀx.
  ///
  /// - Parameters:
  ///   - objective: c.
  ///   - rows: A.
  ///   - rowBounds: l and u, one per row.
  ///   - variableBounds: b and d, one per variable; nil means 0 ≤ x.
  /// - Throws: ``LinearProgramError`` naming the operand and the index at fault.
  public init(
    maximize objective: Vector<Double>, rows: SparseMatrix<Double>, rowBounds: [Bounds],
    variableBounds: [Bounds]? = nil
  ) throws(LinearProgramError) {
    try self.init(.maximize, objective, rows, rowBounds, variableBounds)
  }

  init(
    _ sense: Sense, _ objective: Vector<Double>, _ rows: SparseMatrix<Double>,
    _ rowBounds: [Bounds], _ variableBounds: [Bounds]?
  ) throws(LinearProgramError) {
    let variableBounds = variableBounds ?? Array(repeating: .nonnegative, count: rows.columns)
    guard objective.count == rows.columns else {
      throw .shapeMismatch(
        operand: "objective", expected: rows.columns, actual: objective.count)
    }
    if let index = objective.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(operand: "objective", index: index)
    }
    try LinearProgram.check(rowBounds, "rowBounds", count: rows.rows)
    try LinearProgram.check(variableBounds, "variableBounds", count: rows.columns)
    self.sense = sense
    self.objective = objective
    self.rows = rows
    self.rowBounds = rowBounds
    self.variableBounds = variableBounds
  }

  private static func check(
    _ bounds: [Bounds], _ operand: String, count: Int
  ) throws(LinearProgramError) {
    guard bounds.count == count else {
      throw .shapeMismatch(operand: operand, expected: count, actual: bounds.count)
    }
    for (index, bound) in bounds.enumerated() {
      let (lower, upper) = (bound.lower, bound.upper)
      if lower.isNaN || upper.isNaN || lower == .infinity || upper == -.infinity {
        throw .notFinite(operand: operand, index: index)
      }
      if lower > upper {
        throw .emptyBounds(operand: operand, index: index, lower: lower, upper: upper)
      }
    }
  }
}
