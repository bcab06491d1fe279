import Foundation
import MedicalImages
import Networks

/// The records of a whole experiment, and what they say.
public struct ExperimentResults: Sendable, Equatable {
  /// Which experiment.
  public let kind: ExperimentKind
  /// The rows of the table, in order.
  public let methods: [Method]
  /// The numbers of a method at a block, in the order of the table.
  public let metrics: [Metric]
  /// The seeds.
  public let seeds: [UInt64]
  /// One record for each method and seed, by method and then by seed.
  public let records: [MethodRecord]
  /// The held-out images that the report shows.
  public let shown: [ShownImage]
  /// What the numbers are compared with, if anything.
  public var other: OtherResults?

  /// The records of a method, by seed.
  public func records(of method: Method) -> [MethodRecord] {
    records.filter { $0.method == method }
  }

  /// What a method reaches by a metric at a block, one number for each seed; empty without maps there.
  public func values(_ metric: Metric, _ method: Method, _ block: Block) -> [Double] {
    records(of: method).compactMap { $0[block]?.metrics[metric] }
  }

  /// Mean and deviation over the seeds; nil without maps at the block.
  public func spread(_ metric: Metric, _ method: Method, _ block: Block) -> Spread? {
    Spread.ofAny(values(metric, method, block))
  }
}

/// The two experiments.
public enum ExperimentKind: String, Sendable, Codable, CaseIterable {
  /// Removing pixels in the order of a map.
  case perturbation
  /// Overlap with a lesion.
  case segmentation
}

/// A held-out image that the report shows.
public struct ShownImage: Sendable, Equatable {
  /// Its number among the held-out images.
  public var index: Int
  /// Whose it is.
  public var title: String
  /// What it really shows.
  public var label: String
  /// The names of the classes.
  public var classes: [String]
  /// The picture, one channel.
  public var plane: Plane
  /// The range of the picture that goes from black to white.
  public var window: ClosedRange<Float>
  /// Where the lesion is; nil where nobody marked it.
  public var mask: Plane?
}
