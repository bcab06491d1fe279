/// The upper triangle of Π K Πᵀ in compressed columns, rows in ascending order.
struct PermutedPattern {
  /// Where the entries of each column start.
  let columnStarts: UnsafeMutablePointer<Int32>
  /// Their rows.
  let rowIndices: UnsafeMutablePointer<Int32>
  /// Where an entry of K is among them: (i, j) is in the later of the two columns.
  let place: UnsafeMutablePointer<Int32>

  /// - Parameters:
  ///   - order: The number of rows, and of columns.
  ///   - starts: Where the entries of each column of K's upper triangle start.
  ///   - rows: Their rows.
  ///   - position: Where a row of K has come.
  ///   - arena: Whose memory the pattern has.
  init(
    order: Int, _ starts: UnsafeMutablePointer<Int32>, _ rows: UnsafeMutablePointer<Int32>,
    _ position: UnsafeMutablePointer<Int32>, in arena: Arena
  ) {
    let (count, scratch) = (Int(starts[order]), Arena())
    defer { withExtendedLifetime(scratch) {} }
    (columnStarts, rowIndices) = (arena.indices(order + 1), arena.indices(count))
    place = arena.indices(count)
    let (byRow, next) = (scratch.indices(count), scratch.indices(order + 1))
    let (early, late) = (scratch.indices(count), scratch.indices(count))
    for column in 0..<order {
      for entry in Int(starts[column])..<Int(starts[column + 1]) {
        let (a, b) = (position[Int(rows[entry])], position[column])
        (early[entry], late[entry]) = (min(a, b), max(a, b))
        next[Int(early[entry]) + 1] += 1
        columnStarts[Int(late[entry]) + 1] += 1
      }
    }
    for k in 0..<order {
      next[k + 1] += next[k]
      columnStarts[k + 1] += columnStarts[k]
    }
    // By rows first, whose order is kept when entries go to their columns.
    for entry in 0..<count {
      let row = Int(early[entry])
      byRow[Int(next[row])] = Int32(entry)
      next[row] += 1
    }
    next.update(from: columnStarts, count: order)
    for k in 0..<count {
      let entry = Int(byRow[k])
      let column = Int(late[entry])
      rowIndices[Int(next[column])] = early[entry]
      place[entry] = next[column]
      next[column] += 1
    }
  }
}
