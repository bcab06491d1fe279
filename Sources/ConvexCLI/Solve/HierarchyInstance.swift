import KLProjection

/// An instance with three maps or more, each a partition of the one before, or a batch of them.
struct HierarchyInstance {
  private let file: InstanceFile
  private let projection: HierarchyProjection
  private let maps: InstanceMaps

  /// Whether a file is of this kind.
  static func describes(_ file: InstanceFile) -> Bool { file.has("labels_1") }

  init(_ file: InstanceFile) throws {
    self.file = file
    let count = (1...).prefix { file.has("labels_\($0)") }.count
    let maps = try file.maps(
      potentials: (1...count + 1).map { "phi_\($0)" },
      probabilities: (1...count + 1).map { "tau_\($0)" })
    let labels = try (1...count).map { try file.integers("labels_\($0)") }
    let weights = try file.weights(count: count + 1)
    for (level, labels) in labels.enumerated() where labels.count != maps.sizes[level] {
      throw SolveError.shape(
        path: file.path, array: "labels_\(level + 1)", expected: "[\(maps.sizes[level])]",
        actual: [labels.count])
    }
    self.maps = maps
    projection = try file.checking { () throws(ProjectionError) in
      var levels: [Marginalization] = []
      for (level, labels) in labels.enumerated() {
        levels.append(try Marginalization(labels: labels, coarseCount: maps.sizes[level + 1]))
      }
      return try HierarchyProjection(levels, weights: weights)
    }
  }

  /// Solves every sample.
  func solve() throws -> SolveOutcome {
    let results = try file.checking { () throws(ProjectionError) in
      try projection.project(maps.values, as: maps.form)
    }
    if maps.batch == nil, case .invalid(let error) = results[0].status {
      throw SolveError.invalid(path: file.path, error)
    }
    var outcome = SolveOutcome(reports: results.map { InstanceReport(summary: $0.summary) })
    outcome.add("objective", results.map { $0.optimum }, shape: [results.count])
    for (level, shape) in maps.shapes.enumerated() {
      let name = level + 1
      outcome.add("mu_\(name)", results.flatMap { $0.maps[level] }, shape: shape)
      outcome.add("log_mu_\(name)", results.flatMap { $0.logMaps[level] }, shape: shape)
      if level > 0 {
        outcome.add(
          "lambda_\(level)", results.flatMap { $0.witnesses[level - 1] }, shape: shape)
      }
    }
    outcome.add(
      supports: maps.shapes.enumerated().map { level, shape in
        ("mu_support_\(level + 1)", results.flatMap { $0.supports[level] }, shape)
      })
    try addGradients(results, to: &outcome)
    return outcome
  }

  /// The vector-Jacobian products of the cotangents, and the gradient of the optimum; zeros for
  /// samples that are not solved.
  private func addGradients(
    _ results: [HierarchicalProjection<Double>], to outcome: inout SolveOutcome
  ) throws {
    let names = maps.shapes.indices.map { "mu_bar_\($0 + 1)" }
    guard names.allSatisfy({ file.has($0) }) else { return }
    let cotangents = try zip(names, maps.shapes).map { try file.doubles($0, shape: $1) }
    let zeros = maps.sizes.map { [Double](repeating: 0, count: $0) }
    var products = maps.sizes.map { _ in [Double]() }
    var values = products
    for (index, result) in results.enumerated() {
      let sample = zip(cotangents, maps.sizes).map { Array($0[index * $1..<(index + 1) * $1]) }
      let (product, value) = try file.checking { () throws(ProjectionError) in
        guard result.status == .solved else { return (zeros, zeros) }
        return (try result.pullBack(sample), try result.optimumGradient())
      }
      for level in products.indices {
        products[level] += product[level]
        values[level] += value[level]
      }
    }
    for (level, shape) in maps.shapes.enumerated() {
      outcome.add("vjp_phi_\(level + 1)", products[level], shape: shape)
      outcome.add("dvalue_phi_\(level + 1)", values[level], shape: shape)
    }
  }
}
