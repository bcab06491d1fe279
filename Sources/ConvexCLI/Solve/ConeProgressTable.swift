import ConvexKit
import Foundation

/// The iterations of an interior point, a line each.
enum ConeProgressTable {
  /// What the columns are.
  static let header =
    "  #         objective    dual objective      gap   primal     dual       mu   step"

  /// One iteration.
  static func line(_ progress: ConeProgress) -> String {
    String(
      format: "%3d %17.9e %17.9e %8.1e %8.1e %8.1e %8.1e %6.3f", progress.iteration,
      progress.objective, progress.dualObjective, progress.relativeGap, progress.relativePrimal,
      progress.relativeDual, progress.complementarity, progress.stepLength)
  }
}
