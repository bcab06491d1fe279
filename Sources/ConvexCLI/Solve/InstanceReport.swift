import Foundation
import KLProjection

/// The numbers of one instance, as JSON and as a line for people.
struct InstanceReport: Encodable {
  let summary: ProjectionSummary

  private enum Key: String, CodingKey {
    case status, error, optimum, gap, residual, iterations, method
    case dualValue = "dual_value"
  }

  /// The status in one word.
  var status: String {
    switch summary.status {
    case .solved: "solved"
    case .infeasible: "infeasible"
    case .iterationLimit: "iteration_limit"
    case .invalid: "invalid"
    }
  }

  private var method: String {
    switch summary.method {
    case .closedForm: "closed_form"
    case .newton: "newton"
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(status, forKey: .status)
    if case .invalid(let error) = summary.status {
      try container.encode("\(error)", forKey: .error)
    }
    try container.encode(method, forKey: .method)
    try container.encode(summary.iterations, forKey: .iterations)
    // JSON has no infinity: what an unsolved instance does not have is null.
    func encode(_ value: Double, _ key: Key) throws {
      try container.encode(value.isFinite ? value : nil, forKey: key)
    }
    try encode(summary.optimum, .optimum)
    try encode(summary.dualValue, .dualValue)
    try encode(summary.gap, .gap)
    try encode(summary.residual, .residual)
  }

  /// One line.
  var line: String {
    guard summary.optimum.isFinite else { return status.replacing("_", with: " ") }
    return String(
      format: "%@  optimum %.12g  gap %.1e  residual %.1e  %@, %d iterations",
      status.replacing("_", with: " "), summary.optimum, summary.gap, summary.residual,
      method.replacing("_", with: " "), summary.iterations)
  }

  /// All reports as one JSON object.
  static func json(_ reports: [InstanceReport]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return String(decoding: try encoder.encode(["instances": reports]), as: UTF8.self)
  }
}
