import ArrayFiles
import KLProjection

/// What `convex solve` found for instances of Eq. 4.
struct SolveOutcome: Outcome {
  var arrays: [String: StoredArray] = [:]
  var reports: [InstanceReport] = []

  var metadata: [String: String] { [:] }

  var lines: [String] {
    reports.enumerated().map { reports.count == 1 ? $1.line : "\($0)  \($1.line)" }
  }

  func json() throws -> String { try InstanceReport.json(reports) }

  /// Adds an array of numbers.
  mutating func add(_ name: String, _ values: [Double], shape: [Int]) {
    arrays[name] = StoredArray(values, shape: shape)
  }

  /// Adds masks, 1 where cells can carry mass, unless all cells of all maps can.
  mutating func add(supports: [(name: String, values: [Bool], shape: [Int])]) {
    guard supports.contains(where: { $0.values.contains(false) }) else { return }
    for support in supports {
      arrays[support.name] = StoredArray(
        support.values.map { $0 ? 1 : 0 as UInt8 }, shape: support.shape)
    }
  }

  /// The first instance whose data are wrong, if any.
  var firstInvalid: (index: Int, error: ProjectionError)? {
    for (index, report) in reports.enumerated() {
      if case .invalid(let error) = report.summary.status { return (index, error) }
    }
    return nil
  }

  /// How the process ends: 0 if every instance is solved, 2 if the data of one are wrong, else 1.
  var code: Int32 {
    if reports.allSatisfy({ $0.summary.status == .solved }) { return 0 }
    return firstInvalid == nil ? 1 : 2
  }

  /// What is not solved, on one line; nil if everything is.
  func complaint(path: String) -> String? {
    guard code != 0 else { return nil }
    var parts: [String] = []
    for (status, remedy) in [
      ("infeasible", "no ν = Aμ exists on the cells that can carry mass"),
      ("iteration_limit", "stopped before the tolerance was reached"),
    ] {
      let indices = reports.indices.filter { reports[$0].status == status }
      guard let first = indices.first else { continue }
      let what = status.replacing("_", with: " ")
      parts.append(
        reports.count == 1
          ? "\(what): \(remedy)"
          : "\(indices.count) of \(reports.count) instances \(what), the first is \(first) "
            + "(\(remedy))")
    }
    if let (index, error) = firstInvalid { parts.append("instance \(index): \(error)") }
    return "\(path): \(parts.joined(separator: "; "))"
  }
}
