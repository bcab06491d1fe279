/// Power cones.
final class PowerBlock: BarrierBlock {
  let rows: Range<Int>
  let state: BarrierState
  private let barriers: [PowerBarrier]

  init(rows: Range<Int>, alphas: [Double]) {
    self.rows = rows
    state = BarrierState(groupCount: (alphas.count + 3) / 4)
    barriers = stride(from: 0, to: alphas.count, by: 4).map { first in
      let last = min(first + 4, alphas.count) - 1
      var alpha = Lanes(repeating: alphas[last])
      for lane in 0..<last - first { alpha[lane] = alphas[first + lane] }
      return PowerBarrier(alpha: alpha, count: last - first + 1)
    }
  }

  func barrier(_ group: ConeGroup) -> PowerBarrier { barriers[group.first / 4] }
}
