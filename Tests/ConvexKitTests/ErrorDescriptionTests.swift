import ConvexKit
import Testing

@Suite struct ErrorDescriptionTests {
  @Test func `messages are one line with the operand and the value`() {
    let errors: [any Error] = [
      LinearAlgebraError.notPositiveDefinite(order: 3),
      LinearAlgebraError.notFinite(operand: "A", index: 3),
      LinearAlgebraError.shapeMismatch(operand: "A", expected: [3], actual: [2]),
      LinearAlgebraError.rowStartsDescend(row: 3),
      LinearAlgebraError.rowOutOfRange(row: 3, rows: 2),
      LinearAlgebraError.columnOutOfRange(row: 3, column: 4, columns: 2),
      LinearAlgebraError.columnsNotAscending(row: 3, column: 1),
      LinearProgramError.shapeMismatch(operand: "objective", expected: 3, actual: 2),
      LinearProgramError.notFinite(operand: "objective", index: 3),
      LinearProgramError.emptyBounds(operand: "rowBounds", index: 3, lower: 1, upper: 0),
      LinearProgramError.tooLarge(operand: "rows", count: 3, limit: 2),
      LinearProgramError.variableOutOfRange(operand: "integers", variable: 3, count: 2),
      LinearProgramError.refused(message: "row 3"),
      ModelingError.brokenRule(expression: "sqrt(x3)", reason: "x3 is convex"),
      ModelingError.objectiveNotScalar(expression: "x", shape: [3, 1]),
      ModelingError.missingValue(name: "p3"), ModelingError.unknownParameter(name: "p3"),
      ModelingError.shapeMismatch(operand: "p", expected: [3, 1], actual: [2, 1]),
      ModelingError.notFinite(operand: "log(p)", index: 3, value: -.infinity),
      ModelingError.outsideDomain(operand: "p", index: 3, value: -1, domain: .nonnegative),
      ModelingError.nonlinearInteger(expression: "norm2(x3)"),
      ModelingError.refused(message: "row 3"),
      LinearProgramError.unreadable(path: "a.mps", reason: "line 3: missing name"),
      LinearProgramError.unwritable(path: "a.mps", reason: "3"),
      LinearProgramError.unwritableName(
        operand: "rowNames", index: 3, name: "a b\n", format: .freeMPS),
    ]
    for error in errors {
      #expect("\(error)".contains("3") && !"\(error)".contains("\n"))
    }
  }
}
