/// A linear program some of whose variables must be integers.
///
/// ```
/// minimize or maximize  cᵀx + c₀   subject to   l ≤ A x ≤ u,   b ≤ x ≤ d,   x_j ∈ ℤ for j ∈ J
/// ```
///
/// A binary variable is an integer between 0 and 1.
public struct MixedIntegerProgram: Sendable, Equatable {
  /// The program without the demand for integers. Its optimum bounds this program's.
  public let relaxation: LinearProgram
  /// J, ascending.
  public let integers: [Int]

  /// A program, checked.
  ///
  /// - Parameters:
  ///   - relaxation: The linear program.
  ///   - integers: The variables that must be integers, in any order.
  /// - Throws: ``LinearProgramError/variableOutOfRange(operand:variable:count:)``.
  public init(
    _ relaxation: LinearProgram, integers: some Sequence<Int>
  ) throws(LinearProgramError) {
    self.relaxation = relaxation
    self.integers = Set(integers).sorted()
    let count = relaxation.rows.columns
    for variable in self.integers where !(0..<count).contains(variable) {
      throw .variableOutOfRange(operand: "integers", variable: variable, count: count)
    }
  }
}
