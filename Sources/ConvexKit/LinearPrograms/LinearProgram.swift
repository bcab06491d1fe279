/// A linear program with bounds on rows and variables.
///
/// ```
/// minimize or maximize  cᵀx + c₀   subject to   l ≤ A x ≤ u,   b ≤ x ≤ d                     (1)
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
  /// c₀, which moves the optimum and nothing else.
  public let constant: Double
  /// A name for every row, as files have them; nil for none.
  public let rowNames: [String]?
  /// A name for every variable; nil for none.
  public let variableNames: [String]?

  /// Minimizes cᵀx + c₀.
  ///
  /// - Parameters:
  ///   - objective: c.
  ///   - constant: c₀.
  ///   - rows: A.
  ///   - rowBounds: l and u, one per row.
  ///   - variableBounds: b and d, one per variable; nil means 0 ≤ x.
  ///   - rowNames: One per row; nil for none.
  ///   - variableNames: One per variable; nil for none.
  /// - Throws: ``LinearProgramError`` naming the operand and the index at fault.
  public init(
    minimize objective: Vector<Double>, constant: Double = 0, rows: SparseMatrix<Double>,
    rowBounds: [Bounds], variableBounds: [Bounds]? = nil, rowNames: [String]? = nil,
    variableNames: [String]? = nil
  ) throws(LinearProgramError) {
    try self.init(
      .minimize, objective, constant, rows, rowBounds, variableBounds, rowNames, variableNames)
  }

  /// Maximizes cᵀx + c₀.
  ///
  /// - Parameters:
  ///   - objective: c.
  ///   - constant: c₀.
  ///   - rows: A.
  ///   - rowBounds: l and u, one per row.
  ///   - variableBounds: b and d, one per variable; nil means 0 ≤ x.
  ///   - rowNames: One per row; nil for none.
  ///   - variableNames: One per variable; nil for none.
  /// - Throws: ``LinearProgramError`` naming the operand and the index at fault.
  public init(
    maximize objective: Vector<Double>, constant: Double = 0, rows: SparseMatrix<Double>,
    rowBounds: [Bounds], variableBounds: [Bounds]? = nil, rowNames: [String]? = nil,
    variableNames: [String]? = nil
  ) throws(LinearProgramError) {
    try self.init(
      .maximize, objective, constant, rows, rowBounds, variableBounds, rowNames, variableNames)
  }

  init(
    _ sense: Sense, _ objective: Vector<Double>, _ constant: Double,
    _ rows: SparseMatrix<Double>, _ rowBounds: [Bounds], _ variableBounds: [Bounds]?,
    _ rowNames: [String]?, _ variableNames: [String]?
  ) throws(LinearProgramError) {
    let variableBounds = variableBounds ?? Array(repeating: .nonnegative, count: rows.columns)
    guard objective.count == rows.columns else {
      throw .shapeMismatch(
        operand: "objective", expected: rows.columns, actual: objective.count)
    }
    if let index = objective.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(operand: "objective", index: index)
    }
    if !constant.isFinite { throw .notFinite(operand: "constant", index: 0) }
    try LinearProgram.check(rowBounds, "rowBounds", count: rows.rows)
    try LinearProgram.check(variableBounds, "variableBounds", count: rows.columns)
    if let rowNames, rowNames.count != rows.rows {
      throw .shapeMismatch(operand: "rowNames", expected: rows.rows, actual: rowNames.count)
    }
    if let variableNames, variableNames.count != rows.columns {
      throw .shapeMismatch(
        operand: "variableNames", expected: rows.columns, actual: variableNames.count)
    }
    self.init(
      checked: sense, objective, constant, rows, rowBounds, variableBounds, rowNames,
      variableNames)
  }

  /// A program whose data are known to be valid.
  init(
    checked sense: Sense, _ objective: Vector<Double>, _ constant: Double,
    _ rows: SparseMatrix<Double>, _ rowBounds: [Bounds], _ variableBounds: [Bounds],
    _ rowNames: [String]? = nil, _ variableNames: [String]? = nil
  ) {
    self.sense = sense
    self.objective = objective
    self.constant = constant
    self.rows = rows
    self.rowBounds = rowBounds
    self.variableBounds = variableBounds
    self.rowNames = rowNames
    self.variableNames = variableNames
  }

  /// The same program with other bounds on its variables, known to be valid.
  func with(variableBounds: [Bounds]) -> LinearProgram {
    LinearProgram(
      checked: sense, objective, constant, rows, rowBounds, variableBounds, rowNames,
      variableNames)
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
