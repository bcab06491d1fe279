/// Exponential cones.
final class ExponentialBlock: BarrierBlock {
  let rows: Range<Int>
  let barriers: [ExponentialBarrier]
  let state: BarrierState

  init(rows: Range<Int>) {
    self.rows = rows
    barriers = Array(repeating: ExponentialBarrier(), count: rows.count / 3)
    state = BarrierState(count: barriers.count)
  }
}
