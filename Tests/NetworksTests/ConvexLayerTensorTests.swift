import ConvexKit
import Networks
import TestSupport
import Testing

@Suite struct ConvexLayerTensorTests {
  private func softmaxLayer() throws -> ConvexLayer {
    let (c, x) = (ConvexKit.Parameter(3, name: "c"), Variable(3, name: "x"))
    return try ConvexLayer(
      Problem(maximize: dot(c, x) + entropy(x), subjectTo: [ConvexKit.sum(x) == 1]),
      parameters: [c], variables: [x])
  }

  @Test func `the entropy program is softmax, and so is its gradient`() throws {
    let layer = try softmaxLayer()
    let potentials = Tensor([0.5, -1, 2, 0, 0.25, -3], shape: [2, 3]).differentiable()
    let (ours, theirs) = (Tensor.solution(of: layer, at: [potentials]), potentials.softmax())
    #expect(maximumAbsoluteDifference(ours.elements, theirs.elements) < 1e-6)
    let w = Tensor([1, 2, -1, 0.5, 0, 3], shape: [2, 3])
    let a = try #require(ours.pullBack(w)[potentials])
    let b = try #require(theirs.pullBack(w)[potentials])
    #expect(maximumAbsoluteDifference(a.elements, b.elements) < 1e-6)
  }

  @Test func `a sample without a solution is NaN, and the others are not`() throws {
    let (b, x) = (ConvexKit.Parameter(name: "b"), Variable(name: "x"))
    let layer = try ConvexLayer(
      Problem(minimize: square(x), subjectTo: [x >= b, x <= 1]), parameters: [b], variables: [x])
    let bounds = Tensor([0.5, 2], shape: [2, 1]).differentiable()
    let y = Tensor.solution(of: layer, at: [bounds])
    #expect(abs(y.elements[0] - 0.5) < 1e-6 && y.elements[1].isNaN)
    let gradient = try #require(y.pullBack(Tensor([1, 1], shape: [2, 1]))[bounds])
    #expect(abs(gradient.elements[0] - 1) < 1e-6 && gradient.elements[1].isNaN)
  }
}
