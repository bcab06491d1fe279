// Eq. 4 of Ron et al. (ICML 2022), written as on paper and compared with its closed form.
//
//   minimize  KL(μ‖τ) + KL(ν‖ρ)   subject to   ν = A μ,  Σ μ = 1,  Σ ν = 1
//
// τ is a fine attention map (8×8), ρ a coarse one (4×4), A sums each window of 2×2 cells; so
// Σ ν = Σ A μ = Σ μ, and the last constraint need not be written.

import ConvexKit
import Foundation
import KLProjection

/// A map that looks at one cell of a square grid, as probabilities.
func map(_ side: Int, at row: Int, _ column: Int, width: Double) -> Vector<Double> {
  let weights = (0..<side * side).map { cell in
    let (dy, dx) = (Double(cell / side - row), Double(cell % side - column))
    return exp(-(dx * dx + dy * dy) / (width * width))
  }
  let total = weights.reduce(0, +)
  return Vector(weights.map { $0 / total })
}

// The fine map looks at one corner, the coarse map at the next one.
let fineMap = map(8, at: 1, 1, width: 3)
let coarseMap = map(4, at: 0, 3, width: 2)
let windows = Matrix<Double>(rows: 16, columns: 64) { i, j in
  i / 4 == j / 16 && i % 4 == j % 8 / 2 ? 1 : 0
}

// By atoms: parameters, so that the next pair of maps only refills numbers.
let mu = Variable(64, name: "μ")
let nu = Variable(16, name: "ν")
let tau = Parameter(64, .nonnegative, name: "τ")
let rho = Parameter(16, .nonnegative, name: "ρ")
let consistency = nu == windows * mu
let problem = try Problem(
  minimize: klDivergence(mu, tau) + klDivergence(nu, rho),
  subjectTo: [consistency, sum(mu) == 1])
let modelled = try problem.solve(parameters: [tau: fineMap, rho: coarseMap])
print("atoms:       \(modelled.status), \(modelled.iterations) iterations")
print(String(format: "  optimum %.12f, gap %.0e", modelled.objective, modelled.residuals.gap))

// In closed form: the windows partition the fine map, so no iteration is needed.
let projection = try MarginalProjection(fine: [8, 8], coarse: [4, 4])
let exact = try projection.project(fine: fineMap.elements, coarse: coarseMap.elements)[0]
print("closed form: \(exact.status), \(exact.iterations) iterations")
print(String(format: "  optimum %.12f, gap %.0e", exact.optimum, exact.gap))

let fineError = (modelled.value(of: mu).vector - Vector(exact.fine)).infinityNorm
let coarseError = (modelled.value(of: nu).vector - Vector(exact.coarse)).infinityNorm
print(String(format: "largest difference: %.1e in μ, %.1e in ν", fineError, coarseError))

// The witness λ is minus the multiplier of ν = A μ; both are known up to a constant.
func centered(_ v: Vector<Double>) -> Vector<Double> {
  let mean = v.reduce(0, +) / Double(v.count)
  return Vector(v.map { $0 - mean })
}
let witness = centered(Vector(exact.witness))
let multipliers = centered(-1 * modelled.dual(of: consistency).vector)
print(String(format: "in the witness: %.1e", (multipliers - witness).infinityNorm))
