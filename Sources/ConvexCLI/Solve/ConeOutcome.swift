import ArrayFiles
import ConvexKit
import Foundation

/// What `convex solve` found for a cone program.
struct ConeOutcome: Outcome {
  let solution: ConeSolution
  /// How far the certificate is from proving its claim; nil where there is none.
  let violation: Double?

  init(_ solution: ConeSolution, of program: ConeProgram) {
    self.solution = solution
    violation = solution.certificate?.violation(for: program)
  }

  /// The solution, or what proves that there is none.
  var arrays: [String: StoredArray] {
    func array(_ vector: Vector<Double>) -> StoredArray {
      StoredArray(vector.elements, shape: [vector.count])
    }
    switch solution.certificate {
    case .primalInfeasible(let z): return ["certificate_z": array(z)]
    case .dualInfeasible(let x, let s):
      return ["certificate_x": array(x), "certificate_s": array(s)]
    case nil:
      return [
        "x": array(solution.primal), "s": array(solution.slack), "z": array(solution.dual),
      ]
    }
  }

  var metadata: [String: String] { ["status": ConeReport.words(solution.status.rawValue)] }

  var lines: [String] { [ConeReport(solution, violation).line] }

  var code: Int32 { solution.status == .solved ? 0 : 1 }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    let reports = ["instances": [ConeReport(solution, violation)]]
    return String(decoding: try encoder.encode(reports), as: UTF8.self)
  }

  func complaint(path: String) -> String? {
    let what: String
    switch solution.status {
    case .solved: return nil
    case .primalInfeasible:
      what = "infeasible: no x satisfies the constraints, as certificate_z proves"
    case .dualInfeasible:
      what =
        "unbounded: along certificate_x the objective falls forever, and the constraints hold "
        + "as far as they can"
    case .solvedToReducedAccuracy:
      what =
        "solved to reduced accuracy, "
        + String(format: "%.1e", solution.residuals.largest) + "; scale its rows and columns"
    case .iterationLimit:
      what = "stopped at the limit of \(solution.iterations) iterations; scale its rows and columns"
    case .timeLimit: what = "stopped at the time limit"
    case .cancelled: what = "interrupted"
    default: what = "the numbers became too inaccurate to go on; scale its rows and columns"
    }
    return "\(path): \(what)"
  }
}
