import KLProjection

extension HierarchyProjection {
  /// Solves a batch of families of maps.
  ///
  /// - Shapes: map t `[B, m_t]`, fine to coarse → `[B]`; B follows from the arrays.
  /// - Parameters:
  ///   - maps: τ_t, or potentials φ_t of it, each sample after sample.
  ///   - form: What the entries are.
  /// - Returns: One result per sample.
  /// - Throws: ``DualLayerError/mapCount(expected:actual:)``,
  ///   ``DualLayerError/raggedBatch(operand:cells:actual:)`` and
  ///   ``DualLayerError/sampleCountMismatch(operand:expected:actual:)``.
  func solve<Scalar: ProjectionScalar>(
    _ maps: [[Scalar]], as form: AttentionForm
  ) throws(DualLayerError) -> [HierarchicalProjection<Scalar>] {
    guard maps.count == sizes.count else {
      throw .mapCount(expected: sizes.count, actual: maps.count)
    }
    let count = maps[0].count / sizes[0]
    for (index, (map, size)) in zip(maps, sizes).enumerated() {
      let operand = "level \(index + 1)"
      guard map.count % size == 0, !map.isEmpty else {
        throw .raggedBatch(operand: operand, cells: size, actual: map.count)
      }
      guard map.count == count * size else {
        throw .sampleCountMismatch(
          operand: operand, expected: count, actual: map.count / size)
      }
    }
    do { return try project(maps, as: form) } catch { throw .sample(0, error) }
  }

  /// The finest maps μ_1 of the solutions, and what pulls their cotangents back.
  ///
  /// - Shapes: map t `[B, m_t]` → `[B, m_1]`.
  /// - Parameters:
  ///   - maps: τ_t, or potentials φ_t of it, fine to coarse.
  ///   - form: What the entries are.
  /// - Returns: μ_1, sample after sample; NaN where a sample has no solution.
  /// - Throws: ``DualLayerError`` when the arrays are no batch at all.
  public func finest<Scalar: ProjectionScalar>(
    _ maps: [[Scalar]], as form: AttentionForm
  ) throws(DualLayerError) -> [Scalar] {
    try solve(maps, as: form).flatMap { sample in
      sample.status == .solved
        ? sample.maps[0] : [Scalar](repeating: .nan, count: sizes[0])
    }
  }

  /// The gradients of Σ dμ_1 μ_1 with respect to all maps.
  ///
  /// - Shapes: dμ_1 `[B, m_1]`, map t `[B, m_t]` → as the maps.
  /// - Parameters:
  ///   - cotangents: dμ_1, sample after sample.
  ///   - maps: τ_t, or potentials φ_t of it, fine to coarse.
  ///   - form: What the entries are, and so what the gradients are with respect to.
  /// - Returns: The gradients, fine to coarse.
  /// - Throws: ``DualLayerError/sample(_:_:)`` for the first sample without a derivative;
  ///   ``DualLayerError`` when the arrays are no batch at all.
  public func pullBackFinest<Scalar: ProjectionScalar>(
    _ cotangents: [Scalar], _ maps: [[Scalar]], as form: AttentionForm
  ) throws(DualLayerError) -> [[Scalar]] {
    let solved = try solve(maps, as: form)
    let rest = sizes.dropFirst().map { [Scalar](repeating: 0, count: $0) }
    var gradients = sizes.map { _ in [Scalar]() }
    for (index, sample) in solved.enumerated() {
      let own = Array(cotangents[index * sizes[0]..<(index + 1) * sizes[0]])
      do {
        for (t, row) in try sample.pullBack([own] + rest).enumerated() { gradients[t] += row }
      } catch {
        throw .sample(index, error)
      }
    }
    return zip(gradients, maps).map { form.gradient($0, of: $1) }
  }
}
