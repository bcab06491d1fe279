import ConvexKit
import TestSupport
import Testing

@Suite struct ProblemTests {
  private let x = Variable(2, name: "x"), p = Parameter(2, .nonnegative, name: "p")

  private func refused(
    _ expected: ModelingError, sourceLocation: SourceLocation = #_sourceLocation,
    _ make: () throws -> Void
  ) {
    #expect(throws: expected, sourceLocation: sourceLocation) { try make() }
  }

  @Test func `what is no problem is refused by operand and reason`() throws {
    refused(.objectiveNotScalar(expression: "2 * x", shape: [2, 1])) {
      _ = try Problem(minimize: 2 * x)
    }
    refused(.noVariables) { _ = try Problem(minimize: 3, subjectTo: []) }
    refused(.noVariables) { _ = try Problem(minimize: sum(Variable(0))) }
    refused(.notFinite(operand: "constant(2)", index: 1, value: .infinity)) {
      _ = try Problem(minimize: dot(Vector([1, .infinity]), x))
    }
    refused(.notFinite(operand: "log(p)", index: 0, value: -.infinity)) {
      let problem = try Problem(minimize: dot(log(p), x), subjectTo: [x == 1])
      _ = try problem.solve(parameters: [p: Vector([0, 1])])
    }
    refused(.notFinite(operand: "log(constant(2))", index: 1, value: -.infinity)) {
      _ = try Problem(minimize: dot(log(Vector([1, 0]).expression), x))
    }
    let q = Parameter(2, 2, .positiveSemidefinite, name: "Q")
    refused(.parametricQuadraticForm) {
      _ = try Problem(minimize: sum(x), subjectTo: [quadForm(x, q) <= 1])
    }
    let n = Variable(2, .integer, name: "n")
    refused(.nonlinearInteger(expression: "square(n)")) {
      _ = try Problem(minimize: sum(square(n)))
    }
    refused(.nonlinearInteger(expression: "norm2(n)")) {
      _ = try Problem(minimize: 0, subjectTo: [norm2(n) <= 3])
    }
  }

  @Test func `reasons of broken rules name the parts`() throws {
    let y = Variable(name: "y"), free = Parameter(name: "a"), q = Parameter(2, 2, name: "Q")
    let expected: [(ConvexKit.Expression, ModelingError)] = [
      (
        sqrt(square(y) + 1),
        .brokenRule(
          expression: "sqrt(square(y) + 1)",
          reason: "sqrt is concave and nondecreasing here; its argument square(y) + 1 is convex")
      ),
      (
        free * exp(y),
        .brokenRule(
          expression: "a * exp(y)",
          reason: "a product of exp(y), which is convex, with a, whose sign is unknown")
      ),
      (
        y * y,
        .brokenRule(
          expression: "y * y",
          reason: "a product of two expressions with variables is neither convex nor concave; "
            + "write square")
      ),
      (
        quadForm(x, q),
        .brokenRule(
          expression: "quadForm(x, Q)",
          reason: "the matrix of the quadratic form is not known to be semidefinite; declare its "
            + "parameters positiveSemidefinite")
      ),
      (
        exp(y) + log(y),
        .brokenRule(
          expression: "exp(y) + log(y)",
          reason: "a sum of the convex term exp(y) and the concave term log(y) is neither")
      ),
    ]
    for (expression, error) in expected {
      #expect(throws: error) { try Problem(minimize: expression) }
    }
  }

  @Test func `values of parameters are checked by name`() throws {
    let problem = try Problem(minimize: sumSquares(x - p), subjectTo: [sum(x) == 1])
    let other = Parameter(name: "other")
    refused(.missingValue(name: "p")) { _ = try problem.solve() }
    refused(.shapeMismatch(operand: "p", expected: [2, 1], actual: [3, 1])) {
      _ = try problem.solve(parameters: [p: Vector([1, 2, 3])])
    }
    refused(.outsideDomain(operand: "p", index: 1, value: -1, domain: .nonnegative)) {
      _ = try problem.solve(parameters: [p: Vector([1, -1])])
    }
    refused(.notFinite(operand: "p", index: 0, value: .infinity)) {
      _ = try problem.solve(parameters: [p: Vector([.infinity, 1])])
    }
    refused(.unknownParameter(name: "other")) {
      _ = try problem.solve(parameters: [p: Vector([1, 1]), other: 2])
    }
    refused(.missingValue(name: "x")) { _ = try sum(x).value() }
    let q = Parameter(2, 2, .positiveSemidefinite, name: "Q")
    let form = try Problem(minimize: quadForm(x, q), subjectTo: [sum(x) == 1])
    let indefinite = Matrix<Double>(rows: 2, columns: 2, elements: [1, 2, 2, 1])
    let definite = Matrix<Double>(rows: 2, columns: 2, elements: [3, 2, 0, 2])
    refused(.notSemidefinite) { _ = try form.solve(parameters: [q: indefinite]) }
    let compiled = CompiledProblem(form)
    #expect(try compiled.solve(parameters: [q: definite]).status == .solved)
    refused(.notSemidefinite) { _ = try compiled.solve(parameters: [q: indefinite]) }
    #expect(try compiled.solve(parameters: [q: definite]).status == .solved)
  }

  @Test func `multipliers are the derivatives of the optimum`() throws {
    let b = Parameter(name: "b"), c = Parameter(name: "c")
    let u = Variable(name: "u")
    let equality = x[0] + 2 * x[1] == b, atMost = norm2(x) <= c, atLeast = u >= 0.1 * b
    let cost = { (sign: Double) in sign * (exp(x[0]) + square(x[1] - 3) + square(u)) }
    let minimum = try Problem(minimize: cost(1), subjectTo: [equality, atMost, atLeast])
    let maximum = try Problem(maximize: cost(-1), subjectTo: [equality, atMost, atLeast])
    let tight = ConeSettings(
      tolerances: ConeTolerances(feasibility: 1e-10, gap: 1e-11, infeasibility: 1e-8))
    for (problem, sign) in [(minimum, 1.0), (maximum, -1)] {
      let optimum = { (b0: Double, c0: Double) in
        try problem.solve(tight, parameters: [b: b0, c: c0]).objective
      }
      let solution = try problem.solve(tight, parameters: [b: 2, c: 1.1])
      let (y, z, w) = (
        solution.dual(of: equality).scalar, solution.dual(of: atMost).scalar,
        solution.dual(of: atLeast).scalar
      )
      let h = 1e-4
      let byC = (try optimum(2, 1.1 + h) - optimum(2, 1.1 - h)) / (2 * h)
      #expect(z > 0.1 && abs(byC + sign * z) < 1e-4)
      let byB = (try optimum(2 + h, 1.1) - optimum(2 - h, 1.1)) / (2 * h)
      // b is on the right of the equality, and a tenth of it on the smaller side of the other.
      #expect(abs(byB - sign * (-y + 0.1 * w)) < 1e-4)
    }
  }

  @Test func `a solution without a problem has an infinite objective and a proof`() throws {
    let infeasible = try Problem(minimize: x[0], subjectTo: [x >= 1, sum(x) <= 1])
    let unbounded = try Problem(maximize: x[0], subjectTo: [x >= 1])
    let (a, b) = (try infeasible.solve(), try unbounded.solve())
    #expect(a.status == .primalInfeasible && a.objective == .infinity)
    #expect(b.status == .dualInfeasible && b.objective == .infinity)
    #expect(try #require(a.certificate).violation(for: infeasible.coneProgram()) < 1e-7)
    #expect(try #require(b.certificate).violation(for: unbounded.coneProgram()) < 1e-7)
    let maximum = try Problem(maximize: x[0], subjectTo: [x >= 1, sum(x) <= 1])
    #expect(try maximum.solve().objective == -.infinity)
  }

  @Test func `variables keep to their domains`() throws {
    let up = Variable(2, .nonnegative, name: "up"), down = Variable(.nonpositive, name: "down")
    let solution = try Problem(minimize: sum(up) - down + sumSquares(up - Vector([-1, 2]))).solve()
    #expect(maximumAbsoluteDifference(solution.value(of: up).elements, [0, 1.5]) < 1e-6)
    #expect(abs(solution.value(of: down).scalar) < 1e-6)
    #if GLPK
      let bit = Variable(.boolean, name: "bit"), whole = Variable(.integer, name: "whole")
      let problem = try Problem(
        maximize: 2 * bit + whole - abs(whole - 1.4), subjectTo: [whole + bit <= 3.7])
      let found = try problem.solve()
      #expect(found.status == .solved && problem.isInteger)
      #expect(found.value(of: bit).scalar == 1 && found.value(of: whole).scalar == 2)
      #expect(abs(found.objective - 3.4) < 1e-9)
      #expect(found.residuals.largest < 1e-9)
    #endif
  }

  @Test func `Eq. 4 is solved as it is written, tiny attention included`() throws {
    let mu = Variable(8, name: "mu"), nu = Variable(2, name: "nu")
    let fine = Parameter(8, .nonnegative, name: "fine")
    let coarse = Parameter(2, .nonnegative, name: "coarse")
    let cells = Matrix<Double>(rows: 2, columns: 8) { i, j in j / 4 == i ? 1 : 0 }
    let problem = try Problem(
      minimize: klDivergence(mu, fine) + klDivergence(nu, coarse),
      subjectTo: [nu == cells * mu, sum(mu) == 1, sum(nu) == 1])
    let tau = Vector([0.4, 1e-12, 0.1, 0.2, 0.05, 1e-9, 0.05, 0.2 - 1e-9 - 1e-12])
    let rho = Vector([0.25, 0.75])
    let solution = try problem.solve(parameters: [fine: tau, coarse: rho])
    // In closed form, since the cells partition.
    let (a, b) = (tau[..<4].reduce(0, +), tau[4...].reduce(0, +))
    let optimum = -2 * Double.log((a * rho[0]).squareRoot() + (b * rho[1]).squareRoot())
    #expect(solution.status == .solved)
    #expect(abs(solution.objective - optimum) < 1e-7)
  }
}
