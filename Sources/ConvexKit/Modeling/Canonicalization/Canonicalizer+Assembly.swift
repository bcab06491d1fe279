extension Canonicalizer {
  /// The cone program of all that is in the builder, and the objective.
  func assemble(
    _ objective: ObjectiveTerms, _ integers: [Int],
    _ constraints: [(constraint: Constraint, rows: RowRange)]
  ) -> CanonicalForm {
    var (forms, offsets, cones, count): ([AffineForm], [Int], [Cone], Int) = ([], [], [], 0)
    for (kind, rows) in zip(CanonicalBuilder.Kind.allCases, builder.rows) {
      offsets.append(count)
      forms += rows.forms.map { $0.placed(count: $0.count, offset: count, stride: 1) }
      count += rows.count
      switch kind {
      case .zero: if rows.count > 0 { cones.append(.zero(rows.count)) }
      case .nonnegative: if rows.count > 0 { cones.append(.nonnegative(rows.count)) }
      case .secondOrder, .exponential, .power: cones += rows.cones
      }
    }
    // s = b − A x
    let slack = AffineForm(count: count, parts: forms.flatMap(\.parts))
    var rightHandSide = ParameterMap(count: count)
    slack.forEachTerm {
      if $0.column < 0 { rightHandSide.add($0.value, slot: $0.slot, to: $0.row) }
    }
    let a = CompressedTerms(-slack)
    var linear = ParameterMap(count: builder.columnCount)
    var constant = ParameterMap(count: 1)
    for form in objective.linear {
      form.forEachTerm {
        if $0.column < 0 {
          constant.add($0.value, slot: $0.slot, to: 0)
        } else {
          linear.add($0.value, slot: $0.slot, to: Int($0.column))
        }
      }
    }
    // ½ xᵀP x: c x_i x_j is P_ij = c, c x_i² is P_ii = 2 c.
    let p = CompressedTerms(
      AffineForm(
        count: builder.columnCount,
        terms: objective.products.map {
          AffineForm.Term(
            row: Int(max($0.first, $0.second)), column: min($0.first, $0.second), slot: $0.slot,
            value: $0.first == $0.second ? 2 * $0.value : $0.value)
        }))
    return CanonicalForm(
      columnCount: builder.columnCount, cones: cones, rowStarts: a.starts,
      columnIndices: a.indices, columnStarts: p.starts, rowIndices: p.indices, quadratic: p.map,
      linear: linear, constraints: a.map, rightHandSide: rightHandSide, constant: constant,
      derived: builder.derived, variables: variables, parameters: parameters, integers: integers,
      constraintRows: Dictionary(
        constraints.map { constraint, range in
          let offset = offsets[range.kind.rawValue]
          return (
            ObjectIdentifier(constraint),
            range.rows.lowerBound + offset..<range.rows.upperBound + offset
          )
        }, uniquingKeysWith: { first, _ in first }))
  }
}
