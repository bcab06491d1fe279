import ConvexKit
import TestSupport
import Testing

@Suite struct ExpressionTests {
  private let x = Variable(3, name: "x"), y = Variable(name: "y"), m = Variable(2, 3, name: "M")

  @Test func `expressions read as they were written`() {
    let p = Parameter(.nonnegative, name: "p")
    let expected: [(ConvexKit.Expression, String)] = [
      (2 * x - 3 * y + 1, "2 * x - 3 * y + 1"), (-(y + 1), "-(y + 1)"),
      ((y + 1) * 2, "(y + 1) * 2"), (y / p, "y / p"), (2 * (y - 1) / p, "2 * (y - 1) / p"),
      (y - (y - 1), "y - (y - 1)"), (x[0] + m[1, 2], "x[0] + M[1, 2]"), (x[1...], "x[1..<3]"),
      (m[0..<1, 1...], "M[0..<1, 1..<3]"), (klDivergence(x, 2), "klDivergence(x, 2)"),
      (square(-y) + 0.5, "square(-y) + 0.5"), (Variable(4) * y, "variable(4) * y"),
      (Vector([1, 2]) * Variable(1, 2), "constant(2) * variable(1×2)"),
      (2 * (3 * y), "2 * (3 * y)"), (y - 2 * p, "y - 2 * p"),
    ]
    for (expression, text) in expected { #expect(expression.description == text) }
    #expect((abs(x) <= 1 + y).description == "abs(x) <= 1 + y")
    let long = sum((0..<50).map { x[$0 % 3] })
    #expect(long.description.count < 100)
  }

  @Test func `parts and stacks take elements in column-major order`() throws {
    let values = Matrix<Double>(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6])
    let point: Assignment = [m: values, x: Vector([7, 8, 9]), y: -1]
    let expected: [(ConvexKit.Expression, Int, Int, [Double])] = [
      (m[1, 2], 1, 1, [6]), (m[3], 1, 1, [4]), (m[0..<1, 1...], 1, 2, [3, 5]),
      (m.row(1), 3, 1, [2, 4, 6]), (m.column(1), 2, 1, [3, 4]),
      (m.transposed, 3, 2, [1, 3, 5, 2, 4, 6]), (m.reshaped(3, 2), 3, 2, [1, 2, 3, 4, 5, 6]),
      (m[..., 0..<2].diagonal, 2, 1, [1, 4]), (x[..<2], 2, 1, [7, 8]),
      (hstack(m, Vector([10, 11])), 2, 4, [1, 2, 3, 4, 5, 6, 10, 11]),
      (vstack(m, x.transposed), 3, 3, [1, 2, 7, 3, 4, 8, 5, 6, 9]),
      (vstack(1, y, x), 5, 1, [1, -1, 7, 8, 9]), (m * x, 2, 1, [76, 100]),
      (y * x, 3, 1, [-7, -8, -9]), (x.transposed * x, 1, 1, [194]),
      (multiply(m, m), 2, 3, [1, 4, 9, 16, 25, 36]), (dot(Vector([1, 0, 2]), x), 1, 1, [25]),
      (sum(m), 1, 1, [21]), (x / 2 - y, 3, 1, [4.5, 5, 5.5]),
      (sum([x, x, y]), 3, 1, [13, 15, 17]),
    ]
    for (expression, rows, columns, elements) in expected {
      #expect(expression.rows == rows && expression.columns == columns)
      #expect(try expression.value(at: point).elements == elements)
    }
  }

  @Test func `canonical forms of affine expressions are their values`() throws {
    var generator = SeededGenerator(seed: 8)
    let a = Matrix<Double>(rows: 4, columns: 2) { i, j in (i + j) % 2 == 0 ? generator.normal() : 0
    }
    let b = Matrix<Double>(rows: 3, columns: 2) { _, _ in generator.normal() }
    let values = Matrix<Double>(rows: 2, columns: 3) { _, _ in generator.normal() }
    let expressions = try [
      a * m * b, SparseMatrix(a) * m, m * SparseMatrix(b), multiply(values, m) - m / 4,
      hstack(m, m[..., 1...]), vstack(m, 2 * m.row(1).transposed), (m - 1).transposed,
      3 + sum(m) * a, m * Vector([1, 2, 3]), m.reshaped(3, 2)[1..., 0..<1] - 2, 0 * exp(m) + m,
    ]
    for expression in expressions {
      let t = Variable(expression.rows, expression.columns, name: "t")
      let solution = try Problem(minimize: 0, subjectTo: [t == expression, m == values]).solve()
      let expected = try expression.value(at: [m: values])
      #expect(solution.status == .solved)
      #expect(
        maximumAbsoluteDifference(solution.value(of: t).elements, expected.elements) < 1e-7,
        "\(expression)")
    }
  }

  @Test func `long sums are neither deep nor slow`() throws {
    let v = Variable(20_000, .nonnegative, name: "v")
    var total: ConvexKit.Expression = 0.expression
    for i in 0..<v.count { total = total + Double(i % 7 + 1) * v[i] }
    let problem = try Problem(minimize: total, subjectTo: [sum(v) == 1])
    let program = try problem.coneProgram()
    #expect(program.linear.reduce(0, +) == Double((0..<v.count).reduce(0) { $0 + $1 % 7 + 1 }))
  }

  @Test func `shared sub-expressions are canonicalized once`() throws {
    let size = norm2(x)
    let once = try Problem(minimize: size, subjectTo: [sum(x) == 1]).coneProgram()
    let constraints = [sum(x) == 1, size <= 3, x <= 5 - size]
    let twice = try Problem(minimize: size + sum(x), subjectTo: constraints).coneProgram()
    #expect(once.variableCount == twice.variableCount)
    var doubled: ConvexKit.Expression = square(y)
    for _ in 0..<60 { doubled = doubled + doubled }
    let value = try Problem(minimize: doubled, subjectTo: [y == 1]).solve().objective
    #expect(abs(value / 0x1p60 - 1) < 1e-6)
  }

  @Test func `large sparse constants stay sparse`() throws {
    let n = 100_000
    let difference = try SparseMatrix(
      rows: n - 1, columns: n, rowStarts: (0..<n).map { 2 * $0 },
      columnIndices: (0..<n - 1).flatMap { [$0, $0 + 1] },
      values: (0..<n - 1).flatMap { _ in [-1.0, 1] })
    let v = Variable(n, name: "v")
    let program = try Problem(minimize: sumSquares(v), subjectTo: [difference * (2 * v) <= 1])
      .coneProgram()
    #expect(program.rowCount == n - 1)
    #expect(program.constraints.values.count == 2 * (n - 1))
  }

  @Test func `constants are folded and their domain is a statement`() throws {
    #expect(log(2.expression).curvature == .constant)
    let solution = try Problem(
      minimize: square(y - exp(1.expression)) + norm2(Vector([3, 4]).expression) * 2,
      subjectTo: [1 <= 2 + 0 * y]
    ).solve()
    #expect(abs(solution.value(of: y).scalar - .exp(1)) < 1e-6)
    #expect(abs(solution.objective - 10) < 1e-6)
  }
}
