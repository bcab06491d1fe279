import ArrayFiles
import ConvexKit
import Foundation

/// What `convex solve` found for a linear or integer program.
struct ProgramFileOutcome: Outcome {
  let status: SolveStatus
  private(set) var arrays: [String: StoredArray] = [:]
  private(set) var metadata: [String: String]
  private let report: Report

  /// The numbers of the solution; what does not exist is null.
  private struct Report: Encodable {
    var status: String
    var method: String
    var objective: Double?
    var bound: Double?
    var gap: Double?
    var residual: Double?
    var iterations: Int
    var nodes: Int?
    var certificate_margin: Double?
  }

  init(_ program: LinearProgram, _ solution: LinearProgramSolution) {
    status = solution.status
    let isSolved = solution.status == .solved
    report = Report(
      status: ConeReport.words(status.rawValue), method: "simplex",
      objective: isSolved ? solution.objective : nil, residual: solution.residuals.largest,
      iterations: solution.iterations,
      certificate_margin: solution.certificate?.margin(for: program))
    metadata = ProgramFileOutcome.metadata(program, status)
    switch solution.certificate {
    case .infeasible(let multipliers)?: arrays["row_multipliers"] = Self.array(multipliers)
    case .unbounded(let ray)?: arrays["ray"] = Self.array(ray)
    case nil:
      arrays = [
        "x": Self.array(solution.primal), "row_duals": Self.array(solution.rowDuals),
        "reduced_costs": Self.array(solution.reducedCosts),
      ]
    }
  }

  init(_ program: LinearProgram, _ solution: MixedIntegerSolution) {
    status = solution.status
    report = Report(
      status: ConeReport.words(status.rawValue), method: "branch_and_cut",
      objective: solution.objective, bound: solution.bound.isFinite ? solution.bound : nil,
      gap: solution.relativeGap.isFinite ? solution.relativeGap : nil,
      iterations: solution.iterations, nodes: solution.nodes,
      certificate_margin: solution.certificate?.margin(for: program))
    metadata = ProgramFileOutcome.metadata(program, status)
    if let incumbent = solution.incumbent { arrays["x"] = Self.array(incumbent) }
    switch solution.certificate {
    case .infeasible(let multipliers)?: arrays["row_multipliers"] = Self.array(multipliers)
    case .unbounded(let ray)?: arrays["ray"] = Self.array(ray)
    case nil: break
    }
  }

  private static func array(_ vector: Vector<Double>) -> StoredArray {
    StoredArray(vector.elements, shape: [vector.count])
  }

  private static func metadata(_ program: LinearProgram, _ status: SolveStatus) -> [String: String]
  {
    var metadata = ["status": ConeReport.words(status.rawValue)]
    for (key, names) in [("rows", program.rowNames), ("variables", program.variableNames)] {
      guard let names, let json = try? JSONEncoder().encode(names) else { continue }
      metadata[key] = String(decoding: json, as: UTF8.self)
    }
    return metadata
  }

  var lines: [String] {
    let words = report.status.replacing("_", with: " ")
    var line = words
    if let objective = report.objective { line += String(format: "  objective %.12g", objective) }
    if let gap = report.gap { line += String(format: "  gap %.1e", gap) }
    if let residual = report.residual, status == .solved {
      line += String(format: "  residual %.1e", residual)
    }
    line += "  \(report.iterations) iterations"
    if let nodes = report.nodes { line += ", \(nodes) nodes" }
    return [line]
  }

  var code: Int32 { status == .solved ? 0 : 1 }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return String(decoding: try encoder.encode(["instances": [report]]), as: UTF8.self)
  }

  func complaint(path: String) -> String? {
    switch status {
    case .solved: nil
    case .primalInfeasible: "\(path): infeasible: no point satisfies the rows and bounds"
    case .dualInfeasible: "\(path): unbounded: the objective improves forever along a ray"
    case .cancelled: "\(path): interrupted; the best solution so far was kept"
    default:
      "\(path): not solved: \(report.status.replacing("_", with: " "))"
    }
  }
}
