import Networks
import Testing

@Suite struct GradientClippingTests {
  private struct Pair: Module {
    let a = Parameter(Tensor([1, 2], shape: [2]))
    let b = Parameter(Tensor([3], shape: [1]))
  }

  @Test func `gradients longer than the bound are scaled to it, all by one factor`() throws {
    let pair = Pair()
    pair.a.gradient = Tensor([3, 0], shape: [2])
    pair.b.gradient = Tensor([4], shape: [1])
    #expect(pair.clipGradients(maxNorm: 1) == 5)
    let factor = Float(1 / (5 + 1e-6))
    #expect(pair.a.gradient?.elements == [3 * factor, 0])
    #expect(pair.b.gradient?.elements == [4 * factor])
  }

  @Test func `shorter gradients and missing ones are left alone`() {
    let pair = Pair()
    pair.a.gradient = Tensor([3, 4], shape: [2])
    #expect(pair.clipGradients(maxNorm: 10) == 5)
    #expect(pair.a.gradient?.elements == [3, 4])
    #expect(pair.b.gradient == nil)
  }

  @Test func `a gradient that is not finite is reported and nothing is scaled`() {
    let pair = Pair()
    pair.a.gradient = Tensor([.infinity, 4], shape: [2])
    #expect(pair.clipGradients(maxNorm: 1) == .infinity)
    #expect(pair.a.gradient?.elements == [.infinity, 4])
  }
}
