import ConvexKit

/// Which patients train and which are held out.
public enum PatientSplit: String, Sendable, Codable {
  /// Used to fit parameters.
  case training
  /// Never seen in training.
  case validation

  /// Splits patients at random, so that none is on both sides.
  ///
  /// The split depends on the set of names, the fraction and the seed, not on their order.
  ///
  /// - Parameters:
  ///   - patients: Names; duplicates count once.
  ///   - trainingFraction: The share that trains, rounded to whole patients; with two patients or
  ///     more each side gets at least one.
  ///   - seed: The seed of the shuffle.
  /// - Returns: The side of each name.
  public static func assign(
    _ patients: [String], trainingFraction: Double = 0.8, seed: UInt64
  ) -> [String: PatientSplit] {
    precondition(
      (0...1).contains(trainingFraction), "assign: training fraction \(trainingFraction)")
    var names = Set(patients).sorted()
    var generator = SeededGenerator(seed: seed, name: "patient split")
    for last in stride(from: names.count - 1, to: 0, by: -1) {
      let other = Int(generator.next() % UInt64(last + 1))
      names.swapAt(last, other)
    }
    var training = Int((Double(names.count) * trainingFraction).rounded())
    if names.count > 1 && trainingFraction > 0 && trainingFraction < 1 {
      training = min(max(training, 1), names.count - 1)
    }
    return Dictionary(
      uniqueKeysWithValues: names.enumerated().map { index, name in
        (name, index < training ? .training : .validation)
      })
  }
  /// Splits patients at random within groups, so that each group is on both sides.
  ///
  /// Groups of one patient are put together and split as one group.
  ///
  /// - Parameters:
  ///   - strata: The group of each patient, their label for example.
  ///   - trainingFraction: The share of each group that trains; see
  ///     ``assign(_:trainingFraction:seed:)``.
  ///   - seed: The seed of the shuffle.
  /// - Returns: The side of each name.
  public static func assign(
    strata: [String: Int], trainingFraction: Double = 0.8, seed: UInt64
  ) -> [String: PatientSplit] {
    let groups = Dictionary(grouping: strata.keys) { strata[$0] ?? 0 }
    let single = groups.values.filter { $0.count == 1 }.flatMap { $0 }
    let split = groups.values.filter { $0.count > 1 } + [single]
    return split.reduce(into: [:]) { sides, names in
      sides.merge(assign(names, trainingFraction: trainingFraction, seed: seed)) { side, _ in side }
    }
  }
}
