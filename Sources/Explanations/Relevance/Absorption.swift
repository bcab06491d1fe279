import Networks

/// What biases, constants and ε have taken of each sample's relevance.
struct Absorption {
  private(set) var sums: [Double]

  init(samples: Int) {
    sums = Array(repeating: 0, count: samples)
  }

  /// Adds what the rows of some array have taken; as many rows as samples, or several for each.
  mutating func add(_ rows: [Double], _ primitive: String) {
    precondition(
      rows.count % sums.count == 0,
      "\(primitive): \(rows.count) rows are not those of \(sums.count) samples")
    let perSample = rows.count / sums.count
    for (row, value) in rows.enumerated() { sums[row / perSample] += value }
  }
}
