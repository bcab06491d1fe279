import ConvexKit
import KLProjection

/// A seeded instance of Eq. 4.
struct RandomInstance: Sendable {
  /// Kinds of marginalization.
  enum Family: CaseIterable, Sendable {
    case grid, ragged, tent3, tent4, shares, general, windows

    /// Whether the columns of A sum to 1.
    var isColumnStochastic: Bool { self != .general && self != .windows }
    /// Whether every fine cell lies in exactly one coarse cell.
    var isPartition: Bool { self == .grid || self == .ragged }
  }

  let marginalization: Marginalization
  var weights = ProjectionWeights.unit
  var settings = ProjectionSettings()
  var fine: [Double]
  var coarse: [Double]
  /// A direction to move the potentials along.
  let direction: (fine: [Double], coarse: [Double])

  /// An instance on a family's matrix, with potentials of a standard deviation `spread`; a negative
  /// spread asks for potentials uniform from −690 to 0.
  init(_ family: Family, seed: UInt64, spread: Double, side: Int = 4) throws {
    var random = SeededGenerator(seed: seed, name: "\(family)")
    marginalization = try Self.marginalization(family, side: side, &random)
    func potential() -> Double {
      spread < 0 ? -690 * random.uniform() : spread * random.normal()
    }
    fine = (0..<marginalization.fineCount).map { _ in potential() }
    coarse = (0..<marginalization.coarseCount).map { _ in potential() }
    direction = (fine.map { _ in random.normal() }, coarse.map { _ in random.normal() })
  }

  var projection: MarginalProjection {
    MarginalProjection(marginalization, weights: weights, settings: settings)
  }

  func project() throws -> Projection<Double> {
    try projection.project(fine: fine, coarse: coarse, as: .potentials)[0]
  }

  /// The same with potentials moved along the direction.
  func moved(by step: Double) -> RandomInstance {
    var moved = self
    for cell in fine.indices { moved.fine[cell] += step * direction.fine[cell] }
    for cell in coarse.indices { moved.coarse[cell] += step * direction.coarse[cell] }
    return moved
  }

  private static func marginalization(
    _ family: Family, side: Int, _ random: inout SeededGenerator
  ) throws -> Marginalization {
    let (m, n) = (4 * side * side, side * side)
    switch family {
    case .grid: return try Marginalization(fine: [2 * side, 2 * side], coarse: [side, side])
    case .ragged:
      return try Marginalization(
        labels: (0..<m).map { $0 < n ? $0 : Int(random.uniform() * Double(n)) },
        coarseCount: n)
    case .tent3: return try tent(side: side, [[(0, 1)], [(0, 0.5), (1, 0.5)]])
    case .tent4: return try tent(side: side, [[(-1, 0.25), (0, 0.75)], [(0, 0.75), (1, 0.25)]])
    case .shares:
      return try columns(m, n) { _ in
        var parents: [(Int, Double)] = []
        for _ in 0...Int(random.uniform() * 3) {
          let parent = Int(random.uniform() * Double(n))
          if !parents.contains(where: { $0.0 == parent }) {
            parents.append((parent, 0.1 + random.uniform()))
          }
        }
        let sum = parents.reduce(0) { $0 + $1.1 }
        return parents.map { ($0.0, $0.1 / sum) }
      }
    case .general:
      return try columns(m, n) { cell in
        [
          (cell % n, 0.2 + random.uniform()),
          ((cell * 7 + 1) % n + (cell % n == (cell * 7 + 1) % n ? 1 : 0), 0.5 * random.uniform()),
        ]
        .filter { $0.0 < n }
      }
    case .windows:
      // 0/1 windows of a line that overlap, and one uncovered cell at the end.
      return try columns(m, n) { cell in
        let first = cell * n / m
        guard cell < m - 1 else { return [] }
        return cell % 3 == 0 && first + 1 < n ? [(first, 1), (first + 1, 1)] : [(first, 1)]
      }
    }
  }

  /// Windows of a plane grid with stride 2, clamped at the border, from their weights along a side.
  static func tent(
    side: Int, _ stencil: [[(offset: Int, weight: Double)]]
  ) throws -> Marginalization {
    func parents(_ cell: Int) -> [Int: Double] {
      var parents: [Int: Double] = [:]
      for (offset, weight) in stencil[cell % 2] {
        parents[min(max(cell / 2 + offset, 0), side - 1), default: 0] += weight
      }
      return parents
    }
    return try columns(4 * side * side, side * side) { cell in
      let (row, column) = (parents(cell / (2 * side)), parents(cell % (2 * side)))
      return row.flatMap { r, u in column.map { c, v in (r * side + c, u * v) } }
    }
  }

  /// A marginalization from the coarse cells of each fine cell, with their weights.
  static func columns(
    _ m: Int, _ n: Int, _ parents: (Int) -> [(Int, Double)]
  ) throws -> Marginalization {
    var rows = [[(Int, Double)]](repeating: [], count: n)
    for cell in 0..<m {
      for (parent, weight) in parents(cell) { rows[parent].append((cell, weight)) }
    }
    return try Marginalization(
      rowStarts: rows.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) },
      columnIndices: rows.flatMap { $0.map { $0.0 } }, values: rows.flatMap { $0.map { $0.1 } },
      fineCount: m)
  }
}
