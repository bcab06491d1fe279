/// H, and ψ, of every group of four cones of a block at a point.
final class BarrierState {
  let scalings: UnsafeMutablePointer<BarrierScaling>
  let psi: UnsafeMutablePointer<PsiDerivatives>

  init(groupCount count: Int) {
    scalings = .allocate(capacity: count)
    scalings.initialize(repeating: BarrierScaling(), count: count)
    psi = .allocate(capacity: count)
    psi.initialize(repeating: PsiDerivatives(), count: count)
  }

  deinit {
    scalings.deallocate()
    psi.deallocate()
  }
}
