/// Terms gathered into compressed rows: one stored entry per place, in ascending columns, and how its
/// value depends on the parameters.
struct CompressedTerms {
  private(set) var starts: [Int]
  private(set) var indices: [Int]
  private(set) var map: ParameterMap

  /// The terms of a form that have a column.
  init(_ form: AffineForm) {
    let rows = form.count
    var next = [Int](repeating: 0, count: rows + 1)
    form.forEachTerm { if $0.column >= 0 { next[$0.row + 1] += 1 } }
    for row in 0..<rows { next[row + 1] += next[row] }
    starts = next
    // A counting sort by row keeps the order within a row, which mostly ascends already.
    var entries = [Entry](
      repeating: Entry(column: 0, slot: -1, value: 0), count: next[rows])
    var hasSlots = false
    entries.withUnsafeMutableBufferPointer { entries in
      next.withUnsafeMutableBufferPointer { next in
        form.forEachTerm { term in
          if term.column < 0 { return }
          entries[next[term.row]] = Entry(
            column: term.column, slot: term.slot, value: term.value)
          next[term.row] += 1
          if term.slot >= 0 { hasSlots = true }
        }
      }
    }
    indices = entries.map { Int($0.column) }
    map = ParameterMap(entries.map(\.value))
    if hasSlots || !ascendsStrictly { merge(entries) }
  }

  private struct Entry {
    var column: Int32
    var slot: Int32
    var value: Double
  }

  private var ascendsStrictly: Bool {
    for row in 0..<starts.count - 1 where starts[row + 1] > starts[row] + 1 {
      for place in starts[row] + 1..<starts[row + 1] where indices[place] <= indices[place - 1] {
        return false
      }
    }
    return true
  }

  /// Sorts each row by column and makes one entry of the terms that share a place.
  private mutating func merge(_ entries: [Entry]) {
    var (mergedStarts, mergedIndices): ([Int], [Int]) = ([0], [])
    mergedStarts.reserveCapacity(starts.count)
    mergedIndices.reserveCapacity(entries.count)
    var targets = [Int](repeating: 0, count: entries.count)
    for row in 0..<starts.count - 1 {
      let places = (starts[row]..<starts[row + 1])
      let isSorted = places.dropFirst().allSatisfy { indices[$0 - 1] <= indices[$0] }
      var last = -1
      for place in isSorted ? Array(places) : places.sorted(by: { indices[$0] < indices[$1] }) {
        if indices[place] != last { mergedIndices.append(indices[place]) }
        last = indices[place]
        targets[place] = mergedIndices.count - 1
      }
      mergedStarts.append(mergedIndices.count)
    }
    var merged = ParameterMap(Array(repeating: 0, count: mergedIndices.count))
    for (entry, target) in zip(entries, targets) {
      merged.add(entry.value, slot: entry.slot, to: target)
    }
    (starts, indices, map) = (mergedStarts, mergedIndices, merged)
  }
}
