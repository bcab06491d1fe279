import ConvexKit
import Foundation
import KLProjection

/// What Newton's method promises: microseconds an instance, on one core.
enum NewtonRatios {
  static let rows = [
    row("Newton in microseconds, tent windows 32x32 to 16x16, mild", spread: 1),
    row("Newton in microseconds, tent windows 32x32 to 16x16, peaky", spread: 6),
  ]

  private static func row(_ name: String, spread: Double) -> RatioRow {
    RatioRow(name: name, limit: 300) { seconds in
      let count = 16
      let projection = MarginalProjection(
        try tents(fine: 32, coarse: 16), settings: ProjectionSettings(threads: 1))
      var random = SeededGenerator(seed: 2)
      let fine = (0..<count * 1024).map { _ in spread * random.normal() }
      let coarse = (0..<count * 256).map { _ in spread * random.normal() }
      let batch = try projection.project(fine: fine, coarse: coarse, as: .potentials)
      for result in batch {
        try WrongAnswer.check("the gap", abs(result.gap), atMost: 1e-11)
        try WrongAnswer.check("the residual", result.residual, atMost: 1e-14)
      }
      let all = try InterleavedTiming(
        seconds: seconds,
        work: { _ = try projection.project(fine: fine, coarse: coarse, as: .potentials) },
        reference: {})
      let each = all.work.map { $0 / Double(count) }
      return InterleavedTiming(work: each, reference: each.map { _ in 1e-6 })
    }
  }

  /// 3 x 3 tent windows of stride 2, clamped at the border.
  private static func tents(fine: Int, coarse: Int) throws -> Marginalization {
    func parents(_ cell: Int) -> [(Int, Double)] {
      let first = cell / 2
      if cell % 2 == 0 || first == coarse - 1 { return [(first, 1)] }
      return [(first, 0.5), (first + 1, 0.5)]
    }
    var rows = [[(Int, Double)]](repeating: [], count: coarse * coarse)
    for row in 0..<fine {
      for column in 0..<fine {
        for (i, u) in parents(row) {
          for (k, v) in parents(column) {
            rows[i * coarse + k].append((row * fine + column, u * v))
          }
        }
      }
    }
    return try Marginalization(
      rowStarts: rows.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) },
      columnIndices: rows.flatMap { $0.map { $0.0 } }, values: rows.flatMap { $0.map { $0.1 } },
      fineCount: fine * fine)
  }
}
