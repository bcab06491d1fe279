// From least squares to the lasso: one model, three problems.
//
//   minimize  ‖A x − b‖²                                   least squares
//   minimize  ‖A x − b‖²   subject to  |x| ≤ 1             in a box
//   minimize  ‖A x − b‖² + λ ‖x‖₁,  λ = 2, 10, 50, 250     lasso

import ConvexKit
import Foundation

// Forty measurements of ten coefficients, of which three are not zero.
let truth: Vector<Double> = [1.5, 0, 0, -2, 0, 0, 0.5, 0, 0, 0]
var random = SeededGenerator(seed: 1)
let A = Matrix<Double>(rows: 40, columns: 10) { _, _ in random.normal() }
let noise = Vector((0..<40).map { _ in 0.3 * random.normal() })
let b = A * truth + noise

let x = Variable(10, name: "x")
let misfit = sumSquares(A * x - b)

/// The coefficients, and what proves that they are the best ones.
func report(_ name: String, _ coefficients: Vector<Double>, _ solution: Solution) {
  let numbers = coefficients.map { String(format: "%6.2f", $0) }.joined()
  print("\(name): \(solution.status)")
  print("  x =\(numbers)")
  print(
    String(
      format: "  optimum %.6f, gap %.0e, residual %.0e", solution.objective,
      solution.residuals.relativeGap, solution.residuals.largest))
}

let plain = try Problem(minimize: misfit).solve()
report("least squares", plain.value(of: x).vector, plain)

// A multiplier says what its constraint costs: it is zero where the box does not touch.
let upper = x <= 1
let lower = x >= -1
let boxed = try Problem(minimize: misfit, subjectTo: [upper, lower]).solve()
report("in a box", boxed.value(of: x).vector, boxed)
let prices = boxed.dual(of: upper).vector + boxed.dual(of: lower).vector
print("  price of the box:", prices.map { String(format: "%.1f", $0) }.joined(separator: " "))

// A parameter: the problem is checked and brought into canonical form once, then refilled.
let penalty = Parameter(.nonnegative, name: "λ")
let lasso = CompiledProblem(try Problem(minimize: misfit + penalty * norm1(x)))
for value in [2.0, 10, 50, 250] {
  let solution = try lasso.solve(parameters: [penalty: value])
  let coefficients = solution.value(of: x).vector
  report("lasso, λ = \(Int(value))", coefficients, solution)
  print("  nonzero:", coefficients.filter { abs($0) > 1e-6 }.count, "of", coefficients.count)
}
