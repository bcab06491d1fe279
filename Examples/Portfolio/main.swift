// Markowitz' portfolio along a frontier: the same problem, filled with one risk aversion after another.
//
//   maximize  rᵀx − γ xᵀΣ x   subject to   Σ x = c,   0 ≤ x ≤ 0.4
//
// The multiplier of the budget is the price of capital: what one more unit of c would add.

import ConvexKit
import Foundation

let names = ["bonds", "gold", "homes", "stocks", "chips", "start-ups"]
let means: Vector<Double> = [0.03, 0.04, 0.05, 0.08, 0.11, 0.15]
let deviations = [0.04, 0.15, 0.10, 0.18, 0.30, 0.45]
// Correlations of 0.3 between all of them, but for gold, which goes its own way.
let covariance = Matrix<Double>(rows: 6, columns: 6) { i, j in
  let correlation = i == j ? 1 : i == 1 || j == 1 ? 0 : 0.3
  return correlation * deviations[i] * deviations[j]
}

let x = Variable(6, .nonnegative, name: "x")
let returns = Parameter(6, name: "r")
let aversion = Parameter(.nonnegative, name: "γ")
let capital = Parameter(.nonnegative, name: "c")

let budget = sum(x) == capital
let risk = quadForm(x, covariance)
let problem = try Problem(
  maximize: dot(returns, x) - aversion * risk, subjectTo: [budget, x <= 0.4])

// The symbolic factorization is made at the first solve and kept.
let compiled = CompiledProblem(problem)

let solve = { (gamma: Double, amount: Double) in
  try compiled.solve(parameters: [returns: means, aversion: gamma, capital: amount])
}

print("   γ   return  deviation  price of capital      gap  portfolio")
for gamma in [0.1, 0.5, 1, 2, 5, 20] {
  let solution = try solve(gamma, 1)
  guard solution.status == .solved else {
    print(gamma, solution.status, solution.residuals)
    continue
  }
  let portfolio = zip(names, solution.value(of: x).vector).filter { $0.1 > 0.005 }
    .map { String(format: "\($0.0) %.0f%%", 100 * $0.1) }.joined(separator: ", ")
  print(
    String(
      format: "%4.1f  %6.2f%%    %6.2f%%           %8.5f  %.0e  ", gamma,
      100 * solution.value(of: dot(returns, x)).scalar,
      100 * solution.value(of: risk).scalar.squareRoot(),
      solution.dual(of: budget).scalar, solution.residuals.gap) + portfolio)
}

// The price, checked: more and less capital, and the difference of the optima.
let price = try solve(2, 1).dual(of: budget).scalar
let h = 1e-4
let difference = try (solve(2, 1 + h).objective - solve(2, 1 - h).objective) / (2 * h)
print(String(format: "price of capital %.6f, by differences %.6f", price, difference))
