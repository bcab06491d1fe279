/// A direction of a solution, or a cotangent: numbers for x, s and z.
public struct ConeTangent: Sendable, Equatable {
  /// Of x, `[n]`.
  public var primal: Vector<Double>
  /// Of s, `[m]`.
  public var slack: Vector<Double>
  /// Of z, `[m]`.
  public var dual: Vector<Double>
  /// The relative residual of the equations that this solves; 0 for a cotangent.
  public var residual: Double

  /// Numbers for x, s and z.
  public init(
    primal: Vector<Double>, slack: Vector<Double>, dual: Vector<Double>, residual: Double = 0
  ) {
    self.primal = primal
    self.slack = slack
    self.dual = dual
    self.residual = residual
  }

  /// Numbers for x alone, zeros for s and z.
  ///
  /// - Parameters:
  ///   - primal: Of x, `[n]`.
  ///   - rowCount: m.
  public init(primal: Vector<Double>, rowCount: Int) {
    let zeros = Vector<Double>(repeating: 0, count: rowCount)
    self.init(primal: primal, slack: zeros, dual: zeros)
  }

  func check(_ program: ConeProgram) throws(ConeDerivativeError) {
    let (n, m) = (program.variableCount, program.rowCount)
    for (operand, expected, actual) in [
      ("x", n, primal.count), ("s", m, slack.count), ("z", m, dual.count),
    ] where expected != actual {
      throw .shapeMismatch(operand: operand, expected: expected, actual: actual)
    }
  }
}

/// A direction of a program's data, or a gradient with respect to them.
public struct ConeProgramTangent: Sendable, Equatable {
  /// Of P's stored entries. An entry off the diagonal stands for its two places: the gradient is the
  /// sum of both.
  public var quadratic: [Double]
  /// Of q, `[n]`.
  public var linear: Vector<Double>
  /// Of A's stored entries, row after row.
  public var constraints: [Double]
  /// Of b, `[m]`.
  public var rightHandSide: Vector<Double>
  /// The relative residual of the equations that this solves; 0 for a direction.
  public var residual: Double

  /// Numbers for P, q, A and b.
  public init(
    quadratic: [Double], linear: Vector<Double>, constraints: [Double],
    rightHandSide: Vector<Double>, residual: Double = 0
  ) {
    self.quadratic = quadratic
    self.linear = linear
    self.constraints = constraints
    self.rightHandSide = rightHandSide
    self.residual = residual
  }

  func check(_ program: ConeProgram) throws(ConeDerivativeError) {
    for (operand, expected, actual) in [
      ("P", program.quadratic.values.count, quadratic.count),
      ("q", program.variableCount, linear.count),
      ("A", program.constraints.values.count, constraints.count),
      ("b", program.rowCount, rightHandSide.count),
    ] where expected != actual {
      throw .shapeMismatch(operand: operand, expected: expected, actual: actual)
    }
  }
}
