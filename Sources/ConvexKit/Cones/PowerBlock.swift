/// Power cones.
final class PowerBlock: BarrierBlock {
  let rows: Range<Int>
  let state: BarrierState
  private let barriers: [PowerBarrier]

  init(rows: Range<Int>, alphas: [Double]) {
    self.rows = rows
    state = BarrierState(groupCount: ConeGroup.count(rows))
    barriers = alphas.withUnsafeBufferPointer { alphas in
      (0..<ConeGroup.count(rows)).map { index in
        let group = ConeGroup(index, of: rows)
        let alpha = alphas.baseAddress.map { group.numbers($0 + group.first, 1) } ?? Lanes.zero
        return PowerBarrier(alpha: alpha, count: group.count)
      }
    }
  }

  func barrier(_ group: Int) -> PowerBarrier { barriers[group] }
}
