/// Exponential cones.
final class ExponentialBlock: BarrierBlock {
  let rows: Range<Int>
  let state: BarrierState

  init(rows: Range<Int>) {
    self.rows = rows
    state = BarrierState(groupCount: (rows.count / 3 + 3) / 4)
  }

  func barrier(_ group: ConeGroup) -> ExponentialBarrier { ExponentialBarrier() }
}
