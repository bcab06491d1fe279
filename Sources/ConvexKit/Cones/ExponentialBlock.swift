/// Exponential cones.
final class ExponentialBlock: BarrierBlock {
  let rows: Range<Int>
  let state: BarrierState

  init(rows: Range<Int>) {
    self.rows = rows
    state = BarrierState(groupCount: ConeGroup.count(rows))
  }

  func barrier(_ group: Int) -> ExponentialBarrier { ExponentialBarrier() }
}
