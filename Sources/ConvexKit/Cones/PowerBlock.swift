/// Power cones.
final class PowerBlock: BarrierBlock {
  let rows: Range<Int>
  let barriers: [PowerBarrier]
  let state: BarrierState

  init(rows: Range<Int>, barriers: [PowerBarrier]) {
    self.rows = rows
    self.barriers = barriers
    state = BarrierState(count: barriers.count)
  }
}
