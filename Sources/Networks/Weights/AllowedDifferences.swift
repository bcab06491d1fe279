/// What a file of weights may differ in from the network that loads it; nothing unless said.
///
/// A path stands for itself and for all that lies below it: `fc` for `fc.weight` and `fc.bias`.
/// Whatever is not named here must be there, with its shape and type, and nothing else.
public struct AllowedDifferences: Sendable, Equatable {
  /// Paths that the file may lack: what lies there keeps its value.
  public var missing: [String]
  /// Paths of the file that the network need not have: what lies there is left out.
  public var extra: [String]
  /// Paths whose arrays may have another shape: what lies there keeps its value.
  public var misshapen: [String]
  /// Whether the file may lack counters (`num_batches_tracked`, which files written before PyTorch
  /// 0.4.1 do not have).
  public var missingCounters: Bool

  /// The given differences.
  ///
  /// - Parameters:
  ///   - missing: Paths that the file may lack.
  ///   - extra: Paths of the file that the network need not have.
  ///   - misshapen: Paths whose arrays may have another shape.
  ///   - missingCounters: Whether the file may lack counters.
  public init(
    missing: [String] = [], extra: [String] = [], misshapen: [String] = [],
    missingCounters: Bool = false
  ) {
    self.missing = missing
    self.extra = extra
    self.misshapen = misshapen
    self.missingCounters = missingCounters
  }

  /// None: every array must fit.
  public static let none = AllowedDifferences()

  /// Whether a name lies under one of the paths.
  static func lies(_ name: String, under paths: [String]) -> Bool {
    paths.contains { name == $0 || name.hasPrefix($0 + ".") }
  }
}

extension ResNet {
  /// What published weights of a ResNet may differ in: another number of classes, no gates and no
  /// witness, no counters.
  public var publishedDifferences: AllowedDifferences {
    AllowedDifferences(
      missing: settings.gates.map(\.name) + ["marginals"], misshapen: ["fc"],
      missingCounters: true)
  }
}

extension UNetEncoder {
  /// What published weights of a U-Net may differ in: no gates, no witness and no classes; a decoder
  /// that is not needed; no counters.
  public var publishedDifferences: AllowedDifferences {
    AllowedDifferences(
      missing: ["tau_k", "tau_l", "marginals", "fc"],
      extra: (1...4).flatMap { ["upconv\($0)", "decoder\($0)"] } + ["conv"],
      misshapen: ["fc"], missingCounters: true)
  }
}

extension VisionTransformer {
  /// What published weights of a vision transformer may differ in: another number of classes.
  public var publishedDifferences: AllowedDifferences {
    AllowedDifferences(misshapen: ["head"])
  }
}
