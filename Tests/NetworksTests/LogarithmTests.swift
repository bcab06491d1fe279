import Foundation
import Networks
import TestSupport
import Testing

@Suite struct LogarithmTests {
  @Test func `logarithms are right to the last place, around 1 too`() {
    let x: [Float] = [1, Float(1).nextUp, Float(1).nextDown, 0.999, 1.001, 2, 0.5, 1e-30, 3e38, 7]
    let y = Tensor(x, shape: [x.count]).log().elements
    for (x, y) in zip(x, y) {
      let exact = Foundation.log(Double(x))
      #expect(abs(Double(y) - exact) <= abs(exact) * 0x1p-23, "ln \(x)")
    }
    let limits = Tensor([0, -1, .infinity, .nan], shape: [4]).log().elements
    #expect(limits[0] == -.infinity && limits[1].isNaN)
    #expect(limits[2] == .infinity && limits[3].isNaN)
  }

  @Test func `exponentials are right to the last place, and keep what is not a number`() {
    let x: [Float] = [0, 1, -1, 1e-8, -87, -100, 88.7, 3.3]
    let y = Tensor(x, shape: [x.count]).exp().elements
    for (x, y) in zip(x, y) {
      let exact = Foundation.exp(Double(x))
      #expect(abs(Double(y) - exact) <= exact * 0x1p-23 + 0x1p-149, "exp \(x)")
    }
    let limits = Tensor([.nan, .infinity, -.infinity, 89], shape: [4]).exp().elements
    #expect(limits[0].isNaN && limits[1...] == [.infinity, 0, .infinity])
    // Images in blocks of channels, whose padding is not the exponential's business.
    let images = Tensor((0..<2 * 9 * 12).map { Float($0 % 7) - 3 }, shape: [2, 9, 3, 4])
    let blocked = images.conv2D(Tensor(repeating: 0.125, shape: [17, 9, 3, 3]))
    let plain = Tensor(blocked.elements, shape: blocked.shape)
    #expect(blocked.exp().sum(axes: [1]).elements == plain.exp().sum(axes: [1]).elements)
  }

  @Test func `what is sure has the logarithm 0, and a loss of 0`() {
    #expect(Tensor([5], shape: [1, 1]).logSoftmax().elements == [0])
    #expect(Tensor([200, 0, -300], shape: [1, 3]).logSoftmax().elements == [0, -200, -500])
    #expect(Tensor([200, 0], shape: [1, 2]).crossEntropy([0]).item == 0)
    let loss = Tensor([12, 0], shape: [1, 2]).crossEntropy([0]).item
    #expect(abs(Double(loss) - Foundation.log1p(Foundation.exp(-12))) <= 1e-12)
  }

  @Test func `the logarithm of a softmax is exact along any axis`() {
    let x: [Float] = [0.5, -40, 3, 3, 2.5, 80, -7, 0, 1, -0.25, 60, 2]
    let y = Tensor(x, shape: [2, 3, 2]).logSoftmax(axis: 1).elements
    for start in [0, 1, 6, 7] {
      let vector = [0, 2, 4].map { Double(x[start + $0]) }
      let largest = vector.reduce(vector[0], max)
      let sum = vector.reduce(0) { $0 + Foundation.exp($1 - largest) }
      for (index, value) in vector.enumerated() {
        let exact = value - largest - Foundation.log(sum)
        let actual = Double(y[start + 2 * index])
        #expect(abs(actual - exact) <= max(abs(exact) * 0x1p-22, 1e-12))
      }
    }
  }

  @Test func `a logit that is not a number makes its row's logarithms and the loss that too`() {
    let x = Tensor([0, .nan, 1, 1, 2, 3], shape: [2, 3])
    let y = x.logSoftmax().elements
    #expect(y[..<3].allSatisfy { $0.isNaN })
    #expect(y[3...].allSatisfy { $0.isFinite })
    #expect(x.crossEntropy([0, 1]).item.isNaN)
  }

  @Test func `the gradient of a loss over many classes keeps its digits`() throws {
    let (classes, target) = (1000, 603)
    let x = FixtureRule().elements("logits", .input, count: classes).map { 10 * $0 }
    let logits = Tensor(x, shape: [1, classes]).differentiable()
    let loss = logits.crossEntropy([target], smoothing: 1)
    let gradient = try #require(loss.pullBack()[logits]).elements.map(Double.init)
    let largest = Double(x.reduce(x[0], max))
    let terms = x.map { Foundation.exp(Double($0) - largest) }
    let sum = terms.reduce(0, +)
    let exact = terms.map { $0 / sum - 1 / Double(classes) }
    #expect(maximumAbsoluteDifference(gradient, exact) <= 1e-8)
  }
}
