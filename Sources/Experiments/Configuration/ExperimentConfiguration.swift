/// Everything that the numbers of an experiment depend on, besides the data.
public protocol ExperimentConfiguration: Codable, Equatable, Sendable {
  /// The seeds of the networks.
  var seeds: [UInt64] { get set }
  /// How images are explained.
  var explanation: ExplanationPlan { get set }

  /// The defaults of a scale.
  init(scale: ExperimentScale)

  /// Refuses settings outside their range.
  ///
  /// - Throws: ``ExperimentError/invalidSetting(name:value:required:)`` for the first one.
  func check() throws(ExperimentError)
}

extension ExperimentConfiguration {
  func checkSeeds() throws(ExperimentError) {
    try require(!seeds.isEmpty, "seeds", "[]", "at least one")
    try require(Set(seeds).count == seeds.count, "seeds", "\(seeds)", "different from each other")
    // JSON numbers are doubles in most readers.
    try require(
      seeds.allSatisfy { $0 < 1 << 53 }, "seeds", "\(seeds)", "below 2^53")
  }
}
