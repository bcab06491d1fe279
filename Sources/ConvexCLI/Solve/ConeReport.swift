import ConvexKit
import Foundation

/// The numbers of one cone program's solution, as JSON and as a line for people.
struct ConeReport: Encodable {
  private let solution: ConeSolution
  private let violation: Double?

  init(_ solution: ConeSolution, _ violation: Double?) {
    self.solution = solution
    self.violation = violation
  }

  private enum Key: String, CodingKey {
    case status, objective, gap, iterations, method, seconds
    case dualObjective = "dual_objective"
    case relativeGap = "relative_gap"
    case primalResidual = "primal_residual"
    case dualResidual = "dual_residual"
    case violation = "certificate_violation"
  }

  /// A name of Swift in the words of a file: `iteration_limit`.
  static func words(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : "\($1)" }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(ConeReport.words(solution.status.rawValue), forKey: .status)
    try container.encode(ConeReport.words(solution.method.rawValue), forKey: .method)
    try container.encode(solution.iterations, forKey: .iterations)
    try container.encode(solution.seconds, forKey: .seconds)
    // JSON has no infinity, and what a program without a solution does not have is null.
    func encode(_ value: Double, _ key: Key) throws {
      let isThere = solution.certificate == nil && value.isFinite
      try container.encode(isThere ? value : nil, forKey: key)
    }
    try encode(solution.objective, .objective)
    try encode(solution.dualObjective, .dualObjective)
    try encode(solution.residuals.gap, .gap)
    try encode(solution.residuals.relativeGap, .relativeGap)
    try encode(solution.residuals.primal, .primalResidual)
    try encode(solution.residuals.dual, .dualResidual)
    if let violation { try container.encode(violation, forKey: .violation) }
  }

  /// One line.
  var line: String {
    let status = ConeReport.words(solution.status.rawValue).replacing("_", with: " ")
    let method = ConeReport.words(solution.method.rawValue).replacing("_", with: " ")
    let effort = String(
      format: "%@, %d iterations, %.3g s", method, solution.iterations, solution.seconds)
    if let violation {
      return String(format: "%@  certificate to %.1e  %@", status, violation, effort)
    }
    return String(
      format: "%@  objective %.12g  dual %.12g  residuals %.1e, %.1e  %@", status,
      solution.objective, solution.dualObjective, solution.residuals.primal,
      solution.residuals.dual, effort)
  }
}
