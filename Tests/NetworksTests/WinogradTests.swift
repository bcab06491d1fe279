import ConvexKit
import TestSupport
import Testing

@testable import Networks

@Suite struct WinogradTests {
  /// Extents of a convolution: images, channels in and out, rows, columns, padding.
  private struct Extents: CustomTestStringConvertible {
    let images, inputs, outputs, rows, columns, padding: Int

    var testDescription: String {
      "\(images)×\(inputs)×\(rows)×\(columns) to \(outputs), \(padding)"
    }

    var convolution: ConvolutionShape {
      ConvolutionShape(
        input: [images, inputs, rows, columns], weight: [outputs, inputs, 3, 3], hasBias: false,
        settings: Convolution(padding: [padding, padding]))
    }

    /// Images and results in blocks of 8 channels, whatever this processor prefers.
    var winograd: Winograd? {
      let shape = convolution
      return Winograd(
        anySize: shape,
        (
          .channelBlocks(8, shape: shape.input),
          Winograd.weightLayout(shape.weight),
          .channelBlocks(8, shape: shape.output)
        ))
    }
  }

  private static let extents = [
    Extents(images: 2, inputs: 8, outputs: 16, rows: 6, columns: 8, padding: 1),
    Extents(images: 1, inputs: 24, outputs: 40, rows: 7, columns: 5, padding: 1),
    Extents(images: 3, inputs: 16, outputs: 8, rows: 5, columns: 9, padding: 0),
    Extents(images: 1, inputs: 8, outputs: 24, rows: 4, columns: 3, padding: 2),
    Extents(images: 2, inputs: 12, outputs: 20, rows: 9, columns: 6, padding: 1),
    Extents(images: 2, inputs: 48, outputs: 32, rows: 20, columns: 22, padding: 1),
  ]

  private static func operands(_ shape: ConvolutionShape) -> (x: Tensor, w: Tensor, dy: Tensor) {
    var generator = SeededGenerator(seed: 11)
    return (
      .uniform(shape.input, bound: 1, using: &generator),
      .uniform(shape.weight, bound: 1, using: &generator),
      .uniform(shape.output, bound: 1, using: &generator)
    )
  }

  /// y of the definition, and the pullbacks: every product goes to one y, one dx and one dW.
  private static func definition(
    _ shape: ConvolutionShape, _ x: [Float], _ w: [Float], _ dy: [Float]
  ) -> (y: [Float], dx: [Float], dw: [Float]) {
    let (n, c, h, v) = (shape.input[0], shape.input[1], shape.input[2], shape.input[3])
    let (o, p, q) = (shape.output[1], shape.output[2], shape.output[3])
    let padding = shape.settings.padding[0]
    var (y, dx, dw) = (
      [Double](repeating: 0, count: dy.count), [Double](repeating: 0, count: x.count),
      [Double](repeating: 0, count: w.count)
    )
    for image in 0..<n {
      for output in 0..<o {
        for row in 0..<p {
          for column in 0..<q {
            let at = ((image * o + output) * p + row) * q + column
            for input in 0..<c {
              for tap in 0..<9 {
                let (r, s) = (row + tap / 3 - padding, column + tap % 3 - padding)
                guard (0..<h).contains(r), (0..<v).contains(s) else { continue }
                let from = ((image * c + input) * h + r) * v + s
                let weight = (output * c + input) * 9 + tap
                y[at] += Double(x[from]) * Double(w[weight])
                dx[from] += Double(dy[at]) * Double(w[weight])
                dw[weight] += Double(dy[at]) * Double(x[from])
              }
            }
          }
        }
      }
    }
    return (y.map { Float($0) }, dx.map { Float($0) }, dw.map { Float($0) })
  }

  @Test(arguments: extents)
  private func `minimal filtering computes the convolution and its pullbacks`(
    _ extents: Extents
  ) throws {
    let shape = extents.convolution
    let winograd = try #require(extents.winograd)
    let (x, w, dy) = Self.operands(shape)
    let expected = Self.definition(shape, x.elements, w.elements, dy.elements)
    func isNear(_ found: Tensor, _ values: [Float]) -> Bool {
      let size = values.reduce(0) { max($0, abs($1)) }
      return maximumAbsoluteDifference(found.elements, values) <= 4e-6 * size
    }
    #expect(isNear(winograd.run(x, w), expected.y))
    #expect(isNear(winograd.pullBackInput(w, dy), expected.dx))
    #expect(isNear(winograd.pullBackWeights(x, dy), expected.dw))
  }

  /// Products added one after the other err by 1.6 to 2.3 times as much.
  @Test(arguments: [
    Extents(images: 1, inputs: 512, outputs: 8, rows: 4, columns: 4, padding: 1),
    Extents(images: 1, inputs: 8, outputs: 512, rows: 4, columns: 4, padding: 1),
    Extents(images: 1, inputs: 8, outputs: 8, rows: 60, columns: 60, padding: 1),
  ])
  private func `errors do not grow with the number of products`(_ extents: Extents) throws {
    let shape = extents.convolution
    let winograd = try #require(extents.winograd)
    let (x, w, dy) = Self.operands(shape)
    let expected = Self.definition(shape, x.elements, w.elements, dy.elements)
    func relativeError(_ found: Tensor, _ values: [Float]) -> Double {
      let squares = zip(found.elements, values).map { Double($0 - $1) * Double($0 - $1) }
      let sizes = values.map { Double($0) * Double($0) }
      return (squares.reduce(0, +) / sizes.reduce(0, +)).squareRoot()
    }
    #expect(relativeError(winograd.run(x, w), expected.y) <= 4e-7)
    #expect(relativeError(winograd.pullBackInput(w, dy), expected.dx) <= 4e-7)
    #expect(relativeError(winograd.pullBackWeights(x, dy), expected.dw) <= 4e-7)
  }

  @Test func `the threads do not change a bit`() throws {
    let extents = try #require(Self.extents.last)
    let winograd = try #require(extents.winograd)
    let (x, w, dy) = Self.operands(extents.convolution)
    func results() -> [[Float]] {
      [winograd.run(x, w), winograd.pullBackInput(w, dy), winograd.pullBackWeights(x, dy)]
        .map(\.elements)
    }
    #expect(withOneThread(results) == results())
  }

  @Test func `other convolutions and other layouts are left to oneDNN`() {
    let blocks = { (shape: [Int]) in Layout.channelBlocks(8, shape: shape) }
    func isTaken(
      _ settings: Convolution, kernel: Int = 3, bias: Bool = false, channels: Int = 32
    ) -> Bool {
      let weight = [channels, channels / settings.groups, kernel, kernel]
      let shape = ConvolutionShape(
        input: [1, channels, 12, 12], weight: weight, hasBias: bias, settings: settings)
      return Winograd(
        shape,
        (
          blocks(shape.input), Winograd.weightLayout(weight), blocks(shape.output)
        )) != nil
    }
    #expect(isTaken(Convolution(padding: [1, 1])))
    #expect(!isTaken(Convolution(padding: [1, 1]), channels: 24))
    #expect(!isTaken(Convolution(stride: [2, 2], padding: [1, 1])))
    #expect(!isTaken(Convolution(padding: [2, 2], dilation: [2, 2])))
    #expect(!isTaken(Convolution(padding: [1, 1], groups: 4)))
    #expect(!isTaken(Convolution(padding: [1, 0])))
    #expect(!isTaken(Convolution(padding: [1, 1]), bias: true))
    #expect(!isTaken(Convolution(padding: [2, 2]), kernel: 5))
  }
}
