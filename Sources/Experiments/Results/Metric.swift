import Foundation

/// A number that a method is judged by.
public struct Metric: RawRepresentable, Hashable, Sendable, Codable, CodingKeyRepresentable,
  Comparable
{
  /// The name in files.
  public let rawValue: String

  /// The metric of a name.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// ∫ a(q) dq, the area under the curve of balanced accuracy over the fraction removed.
  public static let area = Metric(rawValue: "area")
  /// ∫ (a(q) − chance) dq.
  public static let areaAboveChance = Metric(rawValue: "area_above_chance")
  /// Mean average precision over the images with tumor.
  public static let averagePrecision = Metric(rawValue: "mean_average_precision")
  /// Mean intersection over union of the pixels above a quantile.
  public static func overlap(_ quantile: Double) -> Metric {
    Metric(rawValue: "iou_\(quantile)")
  }

  /// What tables call it.
  public var title: String {
    switch self {
    case .area: "area"
    case .areaAboveChance: "area above chance"
    case .averagePrecision: "mAP"
    default: rawValue.replacingOccurrences(of: "iou_", with: "IoU at ")
    }
  }

  /// In the order of the names.
  public static func < (left: Metric, right: Metric) -> Bool { left.rawValue < right.rawValue }
}
