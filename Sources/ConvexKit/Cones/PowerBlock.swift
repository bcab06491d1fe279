/// Power cones.
final class PowerBlock: BarrierBlock {
  let rows: Range<Int>
  let state: BarrierState
  /// α of every cone.
  private let alphas: UnsafeMutablePointer<Double>
  private let arena = Arena()

  init(rows: Range<Int>, alphas: [Double]) {
    self.rows = rows
    self.alphas = arena.numbers(alphas)
    state = BarrierState(groupCount: (alphas.count + 3) / 4)
  }

  func barrier(_ group: ConeGroup) -> PowerBarrier {
    PowerBarrier(alpha: group.numbers(alphas + group.first, 1))
  }
}
