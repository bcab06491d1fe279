// Which warehouses to open: an integer program, with a bound that says how good the answer is.
//
//   minimize  Σ_j f_j y_j + Σ_ij c_ij x_ij    opening, and transport from warehouse j to customer i
//   subject to  Σ_j x_ij = 1,   Σ_i d_i x_ij ≤ 9 y_j,   x ≥ 0,   y_j ∈ {0, 1}
//
// Branch and cut is GLPK's; a build without the trait GLPK says so.

import ConvexKit
import Foundation

let customers: [(x: Double, y: Double, demand: Double)] = [
  (0, 0, 3), (1, 4, 2), (2, 1, 4), (4, 5, 1), (5, 2, 3), (6, 6, 5), (8, 1, 2), (9, 5, 4),
]
let sites: [(x: Double, y: Double, rent: Double)] = [
  (1, 1, 12), (2, 4, 9), (5, 4, 14), (7, 2, 10), (8, 5, 11),
]
let transport = Matrix<Double>(rows: customers.count, columns: sites.count) { i, j in
  customers[i].demand * hypot(customers[i].x - sites[j].x, customers[i].y - sites[j].y)
}

let open = Variable(sites.count, .boolean, name: "open")
let share = Variable(customers.count, sites.count, .nonnegative, name: "share")
let everySite = Vector(repeating: 1, count: sites.count)
let rents = Vector(sites.map(\.rent))
let demands = Vector(customers.map(\.demand))

var constraints = [share * everySite == 1]
for j in sites.indices {
  constraints.append(dot(demands, share.column(j)) <= 9 * open[j])
}
let problem = try Problem(
  minimize: dot(rents, open) + dot(transport, share), subjectTo: constraints)

let solution: Solution
do {
  let compiled = CompiledProblem(problem)
  compiled.integerSettings = MixedIntegerSettings(observer: { found in
    print(
      String(
        format: "found %.4f after %d nodes; no solution is below %.4f", found.objective,
        found.nodes, found.bound))
  })
  solution = try compiled.solve()
} catch {
  print("no answer: \(error)")
  exit(1)
}

let served = solution.value(of: share)
print(
  String(
    format: "%@: cost %.4f, gap %.0e, constraints hold to %.0e", solution.status.rawValue,
    solution.objective, solution.residuals.gap, solution.residuals.primal))
for j in sites.indices where solution.value(of: open[j]).scalar == 1 {
  let list = customers.indices.filter { served[$0, j] > 1e-6 }
    .map { String(format: "\($0) (%.0f%%)", 100 * served[$0, j]) }
  print("  warehouse \(j) serves customers", list.joined(separator: ", "))
}

// Without integrality: a lower bound that needs no search.
let relaxed = try problem.coneProgram().solve()
print(String(format: "the relaxation costs %.4f (%@)", relaxed.objective, relaxed.status.rawValue))
