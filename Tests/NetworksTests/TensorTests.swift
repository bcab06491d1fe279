import ConvexKit
import Networks
import TestSupport
import Testing

// ConvexKit has one too.
import class Networks.Parameter

@Suite struct TensorTests {
  @Test func `elements come back in row-major order`() {
    let x = Tensor([1, 2, 3, 4, 5, 6], shape: [2, 3])
    #expect(x.elements == [1, 2, 3, 4, 5, 6])
    #expect(x.transposed().elements == [1, 4, 2, 5, 3, 6])
    #expect(x.sliced(axis: 1, 1..<3).elements == [2, 3, 5, 6])
    #expect(
      Tensor.concatenated([x, x], axis: -1).elements == [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6])
    #expect(x.expanded(to: [2, 2, 3]).elements == x.elements + x.elements)
    #expect(x.flattened().shape == [6])
    #expect(Tensor(3).item == 3 && Tensor(3).rank == 0)
  }

  @Test func `sums do not lose what is small beside what is large`() {
    let count = 1 << 20
    let x = Tensor.concatenated(
      [Tensor([1e6], shape: [1]), Tensor(repeating: 0.01, shape: [count - 1])], axis: 0)
    let exact = 1e6 + 0.01 * Double(count - 1)
    #expect(relativeDifference(Double(x.sum().item), exact) < 1e-6)
    #expect(relativeDifference(Double(x.mean().item), exact / Double(count)) < 1e-6)
    let columns = x.reshaped([count / 4, 4]).sum(axes: [0])
    #expect(relativeDifference(columns.elements.reduce(0) { $0 + Double($1) }, exact) < 2e-6)
  }

  @Test func `results are the same to the bit for one thread and for several`() async {
    var generator = SeededGenerator(seed: 5)
    let x = Tensor.normal([4, 32, 40, 24], using: &generator)
    let map = Tensor.normal([4, 1, 40, 24], using: &generator)
    let norm = BatchNorm2D(channels: 32)
    let weight = Parameter(.uniform([32, 32, 1, 1], bound: 0.2, using: &generator))
    @Sendable func results() -> [[Float]] {
      let x = x.differentiable()
      let y = norm.relu((x * map).l2Normalized().conv2D(weight.value)).maxPool2D(
        Pooling(kernel: [2, 2]))
      let gradients = y.resized(to: [17, 13], mode: .bilinear).sum(axes: [2, 3]).pullBack()
      return [y, gradients[x], gradients[norm.weight]].compactMap { $0?.elements }
    }
    let several = results()
    let one = withOneThread(results)
    #expect(one == several)
    #expect(one.count == 3)
  }

  @Test func `shapes in messages are what the program wrote`() {
    #expect("\(Tensor([1, 2], shape: [2, 1]))" == "Tensor[2, 1] [1.0, 2.0]")
    #expect("\(Tensor(repeating: 0, shape: [64, 64]))" == "Tensor[64, 64]")
  }
}
