import ArrayFiles
import KLProjection

/// An instance with two maps, or a batch of them.
struct PairInstance {
  let file: InstanceFile
  let marginalization: Marginalization
  let weights: ProjectionWeights
  let maps: InstanceMaps

  /// An instance in the arrays of a safetensors file.
  init(_ file: InstanceFile) throws {
    self.file = file
    maps = try file.maps(potentials: ["phi_f", "phi_c"], probabilities: ["tau", "rho"])
    marginalization = try PairInstance.marginalization(file, maps)
    let weights = try file.weights(count: 2)
    self.weights = try file.checking { () throws(ProjectionError) in
      try ProjectionWeights(fine: weights[0], coarse: weights[1])
    }
  }

  /// An instance whose coarse grid divides its fine grid.
  init(
    fine: StoredArray, coarse: StoredArray, form: AttentionForm, weights: [Double], path: String
  ) throws {
    file = InstanceFile(path: path, arrays: ["fine": fine, "coarse": coarse])
    guard (1...3).contains(fine.shape.count), fine.shape.count == coarse.shape.count,
      fine.shape.count < 3 || fine.shape[0] == coarse.shape[0]
    else {
      throw SolveError.shape(
        path: path, array: "the coarse map",
        expected: "\(fine.shape.count) axes like the fine map \(fine.shape), which may be [cells], "
          + "[rows, columns] or [batch, rows, columns]", actual: coarse.shape)
    }
    let batch = fine.shape.count == 3 ? [fine.shape[0]] : []
    let grids = [fine, coarse].map { Array($0.shape.dropFirst(batch.count)) }
    maps = InstanceMaps(
      form: form, shapes: grids.map { batch + [$0.reduce(1, *)] },
      values: [try file.doubles("fine"), try file.doubles("coarse")])
    (marginalization, self.weights) = try file.checking { () throws(ProjectionError) in
      (
        try Marginalization(fine: grids[0], coarse: grids[1]),
        try ProjectionWeights(fine: weights[0], coarse: weights[1])
      )
    }
  }

  /// A, from labels, compressed rows, or all its entries.
  private static func marginalization(
    _ file: InstanceFile, _ maps: InstanceMaps
  ) throws -> Marginalization {
    let (m, n) = (maps.sizes[0], maps.sizes[1])
    if file.has("n"), try file.integers("n") != [n] {
      throw SolveError.shape(
        path: file.path, array: "the coarse map", expected: "\(try file.integers("n"))",
        actual: [n])
    }
    let marginalization: Marginalization
    if file.has("labels") {
      let labels = try file.integers("labels")
      marginalization = try file.checking { () throws(ProjectionError) in
        try Marginalization(labels: labels, coarseCount: n)
      }
    } else if file.has("A_indptr", "A_indices", "A_values") {
      let (starts, indices) = (try file.integers("A_indptr"), try file.integers("A_indices"))
      let values = try file.doubles("A_values")
      marginalization = try file.checking { () throws(ProjectionError) in
        try Marginalization(
          rowStarts: starts, columnIndices: indices, values: values, fineCount: m)
      }
    } else if file.has("A_dense") {
      let entries = try file.doubles("A_dense", shape: [n, m])
      let rows = (0..<n).map { Array(entries[$0 * m..<($0 + 1) * m]) }
      marginalization = try file.checking { () throws(ProjectionError) in
        try Marginalization(matrix: rows, fineCount: m)
      }
    } else {
      throw SolveError.missing(
        path: file.path, arrays: "labels and no A_indptr, A_indices, A_values")
    }
    for (size, count, name) in [
      (m, marginalization.fineCount, "the fine map"),
      (n, marginalization.coarseCount, "the coarse map"),
    ] where size != count {
      throw SolveError.shape(
        path: file.path, array: name, expected: "[\(count)] cells", actual: [size])
    }
    return marginalization
  }

  /// Solves every sample.
  func solve(method: ProjectionSettings.Method) throws -> SolveOutcome {
    let projection = MarginalProjection(
      marginalization, weights: weights, settings: ProjectionSettings(method: method))
    let batch = try file.checking { () throws(ProjectionError) in
      try projection.project(fine: maps.values[0], coarse: maps.values[1], as: maps.form)
    }
    if maps.batch == nil, case .invalid(let error) = batch[0].status {
      throw SolveError.invalid(path: file.path, error)
    }
    var outcome = SolveOutcome(reports: batch.map { InstanceReport(summary: $0.summary) })
    let (fine, coarse) = (maps.shapes[0], maps.shapes[1])
    outcome.add("mu", batch.fine, shape: fine)
    outcome.add("nu", batch.coarse, shape: coarse)
    outcome.add("lambda", batch.flatMap { $0.witness }, shape: coarse)
    outcome.add("objective", batch.map { $0.optimum }, shape: [batch.count])
    outcome.add("log_mu", batch.flatMap { $0.logFine }, shape: fine)
    outcome.add("log_nu", batch.flatMap { $0.logCoarse }, shape: coarse)
    outcome.add(supports: [
      ("mu_support", batch.flatMap { $0.fineSupport }, fine),
      ("nu_support", batch.flatMap { $0.coarseSupport }, coarse),
    ])
    try addGradients(batch, to: &outcome)
    if file.has("lambda_in") { try addPenalty(batch, to: &outcome) }
    return outcome
  }

  /// The vector-Jacobian products of the cotangents, and the gradient of the optimum.
  private func addGradients(
    _ batch: ProjectionBatch<Double>, to outcome: inout SolveOutcome
  ) throws {
    guard file.has("mu_bar", "nu_bar") else { return }
    let (fine, coarse) = (maps.shapes[0], maps.shapes[1])
    let cotangents = (
      fine: try file.doubles("mu_bar", shape: fine),
      coarse: try file.doubles("nu_bar", shape: coarse)
    )
    let products = try file.checking { () throws(ProjectionError) in
      try batch.pullBack(fine: cotangents.fine, coarse: cotangents.coarse)
    }
    outcome.add("vjp_phi_f", products.fine, shape: fine)
    outcome.add("vjp_phi_c", products.coarse, shape: coarse)
    let optimum = batch.optimumGradients()
    outcome.add("dvalue_phi_f", optimum.fine, shape: fine)
    outcome.add("dvalue_phi_c", optimum.coarse, shape: coarse)
  }
}
