import ConvexKit
import Foundation

/// The cones of a program as a file's metadata lists them.
///
/// ```
/// [{"type": "zero", "dim": 3}, {"type": "pow", "dim": 3, "alpha": 0.5, "count": 2}]
/// ```
///
/// Equal neighbors are one entry with a count.
struct ConeList {
  /// The cones in the order of the rows.
  let cones: [Cone]

  /// Reads a list.
  ///
  /// - Parameters:
  ///   - text: The list as JSON.
  ///   - rows: How many rows the cones must take.
  ///   - path: What to call the file in errors.
  /// - Throws: ``SolveError/cones(path:reason:)``.
  init(_ text: String, rows: Int, path: String) throws {
    guard let blocks = try? JSONDecoder().decode([Block].self, from: Data(text.utf8)) else {
      throw SolveError.cones(
        path: path,
        reason: "the metadata is no JSON list of {\"type\": ..., \"dim\": ..., \"count\": ...}")
    }
    var cones: [Cone] = []
    var taken = 0
    for (index, block) in blocks.enumerated() {
      func fail(_ reason: String) -> SolveError {
        SolveError.cones(path: path, reason: "entry \(index) \(reason)")
      }
      let count = block.count ?? 1
      guard let cone = block.cone else {
        throw fail(
          "has the type '\(block.type)'; there are \(Block.types.joined(separator: ", "))")
      }
      guard block.dim ?? cone.dimension == cone.dimension else {
        throw fail("has dim \(block.dim ?? 0); a cone of type '\(block.type)' has dim 3")
      }
      if case .power(let alpha) = cone, alpha.isNaN {
        throw fail("has no alpha; a cone of type 'pow' needs one between 0 and 1")
      }
      guard cone.dimension > 0, count > 0 else {
        throw fail("has dim \(cone.dimension) and count \(count); both must be at least 1")
      }
      // Before anything is made of it: a count may be any number.
      let (size, overflows) = cone.dimension.multipliedReportingOverflow(by: count)
      guard !overflows, size <= rows - taken else {
        throw fail("passes the last row; b has \(rows) rows, and every row has one cone")
      }
      taken += size
      cones += Array(repeating: cone, count: count)
    }
    guard taken == rows else {
      throw SolveError.cones(
        path: path, reason: "take \(taken) rows, b has \(rows); every row needs exactly one cone")
    }
    self.cones = cones
  }

  private struct Block: Decodable {
    let type: String
    let dim: Int?
    let count: Int?
    let alpha: Double?

    static let types = ["zero", "nonneg", "soc", "exp", "pow"]

    /// The cone; nil for a type that there is not.
    var cone: Cone? {
      switch type {
      case "zero": .zero(dim ?? 0)
      case "nonneg": .nonnegative(dim ?? 0)
      case "soc": .secondOrder(dim ?? 0)
      case "exp": .exponential
      case "pow": .power(alpha: alpha ?? .nan)
      default: nil
      }
    }
  }
}
