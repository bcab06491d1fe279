/// The cones of a program as blocks: neighbors of one kind together.
enum ConeBlocks {
  /// One block for each run of cones that are alike.
  ///
  /// - Parameter cones: The cones in the order of the rows.
  /// - Returns: The blocks, which cover the rows in order.
  static func make(_ cones: [Cone]) -> [any ConeBlock] {
    var blocks: [any ConeBlock] = []
    var next = 0
    var index = 0
    while index < cones.count {
      let kind = Kind(cones[index])
      var end = index
      var rows = 0
      while end < cones.count, Kind(cones[end]) == kind {
        rows += cones[end].dimension
        end += 1
      }
      blocks.append(kind.block(next..<next + rows, cones[index..<end]))
      next += rows
      index = end
    }
    return blocks
  }

  private enum Kind: Equatable {
    case zero
    case nonnegative
    case secondOrder(Int)
    case exponential
    case power

    init(_ cone: Cone) {
      switch cone {
      case .zero: self = .zero
      case .nonnegative, .secondOrder(1): self = .nonnegative
      case .secondOrder(let dimension): self = .secondOrder(dimension)
      case .exponential: self = .exponential
      case .power: self = .power
      }
    }

    func block(_ rows: Range<Int>, _ cones: ArraySlice<Cone>) -> any ConeBlock {
      switch self {
      case .zero: ZeroBlock(rows: rows)
      case .nonnegative: NonnegativeBlock(rows: rows)
      case .secondOrder(let dimension): SecondOrderBlock(rows: rows, dimension: dimension)
      case .exponential: ExponentialBlock(rows: rows)
      case .power:
        PowerBlock(
          rows: rows,
          alphas: cones.compactMap { if case .power(let alpha) = $0 { alpha } else { nil } })
      }
    }
  }
}
