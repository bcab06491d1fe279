import ArrayFiles
import DualLayer
import Foundation
import KLProjection
import Testing

/// One reference case of Eq. 6: maps, a multiplier that is not optimal, and what they give.
///
/// The files are those of the projection's tests, computed with 50 digits; nothing is stored twice.
struct PenaltyCase: CustomTestStringConvertible {
  let name: String
  let arrays: [String: [Double]]
  let marginalization: Marginalization

  static let names = [
    "penalty_8x8_4x4_mild", "penalty_8x8_4x4_peaky", "penalty_8x8_4x4_lambda0",
    "penalty_8x8_4x4_optimal", "penalty_8x8_4x4_tent3", "penalty_32x32_16x16_mild",
    "penalty_ragged_m30_n7", "penalty_8x8_4x4_zero_block",
  ]

  static var all: [PenaltyCase] {
    get throws { try names.map { try PenaltyCase($0) } }
  }

  init(_ name: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("KLProjectionTests/Fixtures")
    let file = try Safetensors(contentsOf: folder.appendingPathComponent(name + ".safetensors"))
    self.name = name
    var arrays: [String: [Double]] = [:]
    for (key, array) in file.arrays { arrays[key] = try array.doubles() }
    self.arrays = arrays
    let (fineCount, coarseCount) = (arrays["tau"]?.count ?? 0, arrays["rho"]?.count ?? 0)
    if let labels = try file.arrays["labels"]?.integers() {
      marginalization = try Marginalization(labels: labels, coarseCount: coarseCount)
    } else {
      marginalization = try Marginalization(
        rowStarts: try file.arrays["A_indptr"]?.integers() ?? [],
        columnIndices: try file.arrays["A_indices"]?.integers() ?? [],
        values: arrays["A_values"] ?? [], fineCount: fineCount)
    }
  }

  var testDescription: String { name }

  /// An array that the case has to have.
  subscript(_ key: String) -> [Double] { arrays[key] ?? [] }

  /// A number that the case has to have.
  func number(_ key: String) -> Double { arrays[key]?.first ?? .nan }

  /// The name of a direction in the files.
  static func key(_ divergence: Divergence) -> String {
    divergence == .coarseFromFine ? "kl_pq" : "kl_qp"
  }

  func penalty(
    _ divergence: Divergence = .coarseFromFine, alpha: Double = 1
  ) throws -> WitnessPenalty {
    try WitnessPenalty(marginalization, divergence: divergence, alpha: alpha)
  }
}
