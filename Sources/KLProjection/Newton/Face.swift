// The largest support that a feasible point of Eq. 4 can have.
//
// μ_j > 0 needs τ_j > 0 and ρ_i > 0 in every coarse cell i that j feeds: call these cells T₀.
// With d_j = Σ_i A_ij − 1, Σν = Σμ = 1 says Σ_{j ∈ T₀} d_j μ_j = 0. If d takes both signs on T₀,
// masses balance and everything in T₀ survives; otherwise only cells with d_j = 0 do. Any
// distribution on the survivors is feasible (after balancing), so nothing smaller is forced to
// zero, and no survivors means that there is no feasible point. ν lives where survivors lead.

/// The cells that can carry mass, and A between them.
struct Face: Sendable {
  /// A restricted to the survivors.
  let stencil: Stencil
  /// The surviving fine cells, ascending; nil when all survive.
  let fineCells: [Int]?
  /// The coarse cells that survivors feed, ascending; nil when these are all.
  let coarseCells: [Int]?

  /// The face of a sample, nil when it is empty.
  ///
  /// - Parameters:
  ///   - marginalization: A.
  ///   - fineIsPossible: Whether τ_j > 0.
  ///   - coarseIsPossible: Whether ρ_i > 0.
  init?(
    _ marginalization: Marginalization, isPossible fineIsPossible: (Int) -> Bool,
    _ coarseIsPossible: (Int) -> Bool
  ) {
    let survivors = Self.survivors(marginalization, fineIsPossible, coarseIsPossible)
    guard !survivors.isEmpty else { return nil }
    let columns = marginalization.columns
    var place = [Int32](repeating: -1, count: marginalization.coarseCount)
    for cell in survivors {
      for entry in columns.range(cell) { place[Int(columns.indices[entry])] = 0 }
    }
    let fed = place.indices.filter { place[$0] == 0 }
    for (index, cell) in fed.enumerated() { place[cell] = Int32(index) }

    var (starts, indices, values) = ([Int32(0)], [Int32](), [Double]())
    for cell in survivors {
      for entry in columns.range(cell) {
        indices.append(place[Int(columns.indices[entry])])
        values.append(columns.values[entry])
      }
      starts.append(Int32(indices.count))
    }
    stencil = Stencil(
      columns: CompressedMatrix(starts: starts, indices: indices, values: values),
      coarseCount: fed.count, excess: survivors.map { marginalization.columnExcess[$0] })
    fineCells = survivors.count == marginalization.fineCount ? nil : survivors
    coarseCells = fed.count == marginalization.coarseCount ? nil : fed
  }

  /// The rule at the head of this file.
  private static func survivors(
    _ marginalization: Marginalization, _ fineIsPossible: (Int) -> Bool,
    _ coarseIsPossible: (Int) -> Bool
  ) -> [Int] {
    let columns = marginalization.columns
    let excess = marginalization.columnExcess
    let candidates = (0..<marginalization.fineCount).filter { cell in
      fineIsPossible(cell)
        && columns.range(cell).allSatisfy { coarseIsPossible(Int(columns.indices[$0])) }
    }
    let balances =
      candidates.contains { excess[$0] > 0 } && candidates.contains { excess[$0] < 0 }
    return balances ? candidates : candidates.filter { excess[$0] == 0 }
  }
}
