import ConvexKit
import Foundation
import Testing

// The snippets of FromLeastSquaresToALayer.md, line by line, and what the article says of them.
private func tutorial() throws {
  // snippet
  let times = (0..<9).map { Double($0) / 4 - 1 }  // from −1 to 1
  let powers = times.map { t in [1, t, t * t, t * t * t] }
  let A = Matrix<Double>(rows: 9, columns: 4) { i, j in powers[i][j] }
  let y: Vector<Double> = [0.1, 0.4, 0.4, 0.8, 1.1, 1.2, 1.1, 1.6, 1.8]

  let x = Variable(4, name: "x")
  let misfit = sumSquares(A * x - y)
  let plain = try Problem(minimize: misfit).solve()
  print(plain.status, plain.value(of: x).vector.elements)
  // end of snippet
  #expect(plain.status == .solved)
  // Normal equations: AᵀA x = Aᵀ y.
  let stationary = plain.value(of: A.expression.transposed * (A * x - y)).vector
  #expect(stationary.infinityNorm < 1e-8)

  // snippet
  let slopes = Matrix<Double>(rows: 9, columns: 4) { i, j in
    j == 0 ? 0 : Double(j) * powers[i][j - 1]
  }
  let rising = slopes * x >= 0
  let through = x[0] == 1
  let shaped = try Problem(minimize: misfit, subjectTo: [rising, through]).solve()
  print(plain.objective, shaped.objective)
  // end of snippet
  #expect(shaped.status == .solved)
  #expect(plain.objective < shaped.objective)
  #expect(abs(shaped.value(of: x[0]).scalar - 1) < 1e-8)

  // snippet
  let sparse = try Problem(minimize: misfit + 1.5 * norm1(x)).solve()
  print(sparse.value(of: x).vector.elements)
  // end of snippet
  let coefficients = sparse.value(of: x).vector
  #expect(coefficients.filter { abs($0) > 1e-6 }.count == 2)
  #expect(coefficients[0] > 0.5 && coefficients[1] > 0.4)

  // snippet
  let measured = Parameter(9, name: "y")
  let penalty = Parameter(.nonnegative, name: "λ")
  let lasso = try Problem(minimize: sumSquares(A * x - measured) + penalty * norm1(x))
  let compiled = CompiledProblem(lasso)
  for λ in [0.1, 1.5, 20] {
    let solution = try compiled.solve(parameters: [measured: y, penalty: λ])
    print(λ, solution.iterations, solution.value(of: x).vector.elements)
  }
  // end of snippet
  let refilled = try compiled.solve(parameters: [measured: y, penalty: 1.5])
  #expect(abs(refilled.objective - sparse.objective) < 1e-8)
  let empty = try compiled.solve(parameters: [measured: y, penalty: 20])
  #expect(empty.value(of: x).vector.infinityNorm < 1e-6)

  // snippet
  let days = (0..<100).map { day in
    [measured: Double(day) / 100 * y, penalty: 0.1] as Assignment
  }
  for case .failure(let error) in lasso.solve(batch: days) { print(error) }
  // end of snippet
  let results = lasso.solve(batch: days)
  #expect(results.count == 100)
  for result in results { #expect(try result.get().status == .solved) }

  // snippet
  let moved = try Problem(minimize: misfit, subjectTo: [rising, x[0] == 1.001]).solve()
  print((moved.objective - shaped.objective) / 0.001, -shaped.dual(of: through).scalar)
  print(shaped.residuals.gap, shaped.residuals.largest)
  // end of snippet
  let slope = (moved.objective - shaped.objective) / 0.001
  #expect(abs(slope + shaped.dual(of: through).scalar) < 0.02)
  #expect(shaped.residuals.largest < 1e-8)

  // snippet
  let contradiction = try Problem(
    minimize: misfit, subjectTo: [rising, through, sum(x) <= 0.5])
  let nothing = try contradiction.solve()
  print(nothing.status, nothing.objective)
  if let certificate = nothing.certificate {
    print(certificate.violation(for: try contradiction.coneProgram()))
    print(nothing.dual(of: rising).vector.elements)
  }
  // end of snippet
  #expect(nothing.status == .primalInfeasible)
  #expect(nothing.objective == .infinity)
  let proof = try #require(nothing.certificate)
  #expect(proof.violation(for: try contradiction.coneProgram()) < 1e-8)
  // Σ w_i p′(t_i) is a multiple of p(1) − p(0) for every cubic p.
  let rule = nothing.value(of: slopes.expression.transposed * nothing.dual(of: rising)).vector
  #expect((rule - Vector([0, 2, 2, 2])).infinityNorm < 1e-6)
  #expect(nothing.dual(of: rising).elements.allSatisfy { $0 >= 0 })

  // snippet
  let r = A * x - measured
  do {
    _ = try Problem(minimize: sqrt(sumSquares(r)))
  } catch {
    print(error)
  }
  // end of snippet
  #expect(
    throws: ModelingError.brokenRule(
      expression: "sqrt(sumSquares(constant(9×4) * x - y))",
      reason: "sqrt is concave and nondecreasing here; its argument "
        + "sumSquares(constant(9×4) * x - y) is convex")
  ) { try Problem(minimize: sqrt(sumSquares(r))) }

  // snippet
  let length = try Problem(minimize: norm2(r)).solve(parameters: [measured: y])
  print(r.curvature, norm2(r).curvature, sqrt(sumSquares(r)).curvature)
  // end of snippet
  #expect(abs(length.objective - plain.objective.squareRoot()) < 1e-7)
  #expect(r.curvature == .affine && norm2(r).curvature == .convex)
  #expect(sqrt(sumSquares(r)).curvature == .unknown)

  // snippet
  let layer = try ConvexLayer(lasso, parameters: [measured, penalty], variables: [x])
  let batch = layer.solve([[y.matrix, 1.5.matrix]])
  let ofSlope = Matrix<Double>(rows: 4, columns: 1, elements: [0, 1, 0, 0])
  let gradient = try batch.pullBack([[ofSlope]])[0].get()
  print(gradient.parameters[0].elements, gradient.parameters[1].scalar)
  // end of snippet

  // snippet
  let h = 1e-4
  let ends = layer.solve([[y.matrix, (1.5 + h).matrix], [y.matrix, (1.5 - h).matrix]]).samples
  let difference = (ends[0].values[0][1, 0] - ends[1].values[0][1, 0]) / (2 * h)
  print(gradient.parameters[1].scalar, difference)
  // end of snippet
  #expect(abs(gradient.parameters[1].scalar - difference) < 1e-6)
}

@Suite struct TutorialTests {
  @Test func `the tutorial runs and says the truth`() throws {
    try tutorial()
  }

  @Test func `the tutorial shows exactly these snippets`() throws {
    let here = URL(fileURLWithPath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let source = try String(contentsOf: here, encoding: .utf8)
    let snippets = source.components(separatedBy: "\n  // snippet\n").dropFirst().map { rest in
      rest.components(separatedBy: "  // end of snippet\n")[0]
        .split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.hasPrefix("  ") ? $0.dropFirst(2) : $0 }.joined(separator: "\n")
    }
    let article = try String(
      contentsOf: root.appendingPathComponent(
        "Sources/ConvexKit/ConvexKit.docc/FromLeastSquaresToALayer.md"), encoding: .utf8)
    let shown = article.components(separatedBy: "```swift\n").dropFirst().map { rest in
      rest.components(separatedBy: "```")[0]
    }
    #expect(shown.first == "import ConvexKit\n")
    #expect(Array(shown.dropFirst()) == snippets)
  }
}
