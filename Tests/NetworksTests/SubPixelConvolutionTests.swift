import ConvexKit
import TestSupport
import Testing

@testable import Networks

/// The gradient in the input of convolutions with strides, against the definition.
@Suite struct SubPixelConvolutionTests {
  /// A convolution: channels in and out, extents of images and windows, strides and padding.
  struct Case: CustomTestStringConvertible {
    let channels: [Int]
    let extents, window, stride, padding: [Int]

    var testDescription: String {
      "\(channels) \(extents) by \(window), stride \(stride), padding \(padding)"
    }

    var convolution: ConvolutionShape {
      ConvolutionShape(
        input: [2, channels[0]] + extents, weight: [channels[1], channels[0]] + window,
        hasBias: false, settings: Convolution(stride: stride, padding: padding))
    }
  }

  static let cases = [
    Case(
      channels: [3, 64], extents: [32, 48], window: [7, 7], stride: [2, 2], padding: [3, 3]),
    Case(
      channels: [3, 16], extents: [31, 33], window: [7, 7], stride: [2, 2], padding: [3, 3]),
    Case(channels: [1, 8], extents: [12, 9], window: [3, 3], stride: [2, 2], padding: [1, 1]),
    Case(channels: [4, 5], extents: [17, 16], window: [4, 4], stride: [4, 4], padding: [0, 0]),
    Case(
      channels: [2, 12], extents: [13, 11], window: [5, 3], stride: [3, 1], padding: [2, 0]),
    Case(channels: [3, 7], extents: [10, 14], window: [2, 5], stride: [1, 3], padding: [1, 4]),
    Case(channels: [3, 4], extents: [11, 8], window: [1, 1], stride: [2, 3], padding: [0, 0]),
    Case(
      channels: [9, 20], extents: [14, 15], window: [3, 2], stride: [3, 2], padding: [2, 1]),
  ]

  /// Σ of W dy where the windows meet x.
  private func definition(_ shape: ConvolutionShape, _ w: [Float], _ dy: [Float]) -> [Double] {
    let (n, c, h, v) = (shape.input[0], shape.input[1], shape.input[2], shape.input[3])
    let (o, p, q) = (shape.output[1], shape.output[2], shape.output[3])
    let (kh, kw) = (shape.weight[2], shape.weight[3])
    let (stride, padding) = (shape.settings.stride, shape.settings.padding)
    var dx = [Double](repeating: 0, count: n * c * h * v)
    for at in dy.indices {
      let (column, row, filter, image) = (at % q, at / q % p, at / q / p % o, at / q / p / o)
      for tap in 0..<c * kh * kw {
        let r = row * stride[0] + tap / kw % kh - padding[0]
        let s = column * stride[1] + tap % kw - padding[1]
        guard 0..<h ~= r, 0..<v ~= s else { continue }
        let weight = Double(w[filter * c * kh * kw + tap])
        dx[((image * c + tap / kw / kh) * h + r) * v + s] += Double(dy[at]) * weight
      }
    }
    return dx
  }

  @Test(arguments: cases)
  func `the gradient is the definition's`(_ given: Case) throws {
    let shape = given.convolution
    var random = SeededGenerator(seed: 5, name: "sub-pixels")
    let w = Tensor.uniform(shape.weight, bound: 1, using: &random)
    let dy = Tensor.uniform(shape.output, bound: 1, using: &random)
    let cells = try #require(SubPixelConvolution(anyChannels: shape))
    let dx = try cells.run(w, dy)
    #expect(dx.shape == shape.input)
    let expected = definition(shape, w.elements, dy.elements)
    let size = expected.reduce(0) { max($0, abs($1)) }
    for (a, b) in zip(dx.elements, expected) { #expect(abs(Double(a) - b) <= 2e-6 * size) }
  }

  @Test func `it is taken for strides and few channels alone`() {
    func isTaken(_ channels: Int, _ settings: Convolution) -> Bool {
      SubPixelConvolution(
        ConvolutionShape(
          input: [1, channels, 16, 16], weight: [8, channels / settings.groups, 3, 3],
          hasBias: true, settings: settings)) != nil
    }
    #expect(isTaken(3, Convolution(stride: [2, 2], padding: [1, 1])))
    #expect(!isTaken(3, Convolution(padding: [1, 1])))
    #expect(!isTaken(8, Convolution(stride: [2, 2], padding: [1, 1])))
    #expect(!isTaken(4, Convolution(stride: [2, 2], groups: 2)))
    #expect(!isTaken(3, Convolution(stride: [2, 2], dilation: [2, 2])))
    // Windows that lie in the padding alone.
    #expect(!isTaken(3, Convolution(stride: [2, 2], padding: [3, 3])))
  }
}
