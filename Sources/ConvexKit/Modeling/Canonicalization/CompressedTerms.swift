/// Terms gathered into compressed rows: one stored entry per place, in ascending columns, and how its
/// value depends on the parameters.
struct CompressedTerms {
  private(set) var starts: [Int] = [0]
  private(set) var indices: [Int] = []
  private(set) var map: ParameterMap

  /// Terms of columns −1 are left out.
  init(_ terms: [AffineForm.Term], rows: Int) {
    // A counting sort by row keeps the order within a row, which mostly ascends already.
    var next = [Int](repeating: 0, count: rows + 1)
    for term in terms where term.column >= 0 { next[term.row + 1] += 1 }
    for row in 0..<rows { next[row + 1] += next[row] }
    var sorted = [AffineForm.Term](
      repeating: AffineForm.Term(row: 0, column: 0, slot: 0, value: 0), count: next[rows])
    for term in terms where term.column >= 0 {
      sorted[next[term.row]] = term
      next[term.row] += 1
    }
    indices.reserveCapacity(sorted.count)
    starts.reserveCapacity(rows + 1)
    var entries = [Int32](repeating: 0, count: sorted.count)
    var start = 0
    for row in 0..<rows {
      let end = next[row]
      let isAscending = (start..<end).dropFirst().allSatisfy {
        sorted[$0 - 1].column <= sorted[$0].column
      }
      if !isAscending { sorted[start..<end].sort { $0.column < $1.column } }
      for index in start..<end {
        if index == start || sorted[index].column != sorted[index - 1].column {
          indices.append(Int(sorted[index].column))
        }
        entries[index] = Int32(indices.count - 1)
      }
      starts.append(indices.count)
      start = end
    }
    map = ParameterMap(count: indices.count)
    for (index, term) in sorted.enumerated() {
      map.add(term.value, slot: term.slot, to: Int(entries[index]))
    }
  }
}
