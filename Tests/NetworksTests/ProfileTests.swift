import ConvexKit
import Testing

@testable import Networks

@Suite struct ProfileTests {
  private static func step() {
    var generator = SeededGenerator(seed: 1)
    let layer = Conv2D(inputs: 3, outputs: 8, kernel: [3, 3], using: &generator)
    let norm = BatchNorm2D(channels: 8)
    let optimizer = SGD(layer.namedParameters(), learningRate: 0.1)
    let x = Tensor.normal([2, 3, 10, 10], using: &generator)
    let y = norm.relu(layer(x))
    (y * y).sum().backward()
    optimizer.step()
  }

  @Test func `a profile counts what was computed, forwards and backwards`() throws {
    let (_, profile) = Profile.measuring { Self.step() }
    let rows = Dictionary(uniqueKeysWithValues: profile.rows.map { ($0.name, $0) })
    let convolution = try #require(rows["conv2d"])
    #expect(convolution.calls == 2)
    // 2 images, 8 channels of 8×8, each of 27 products and sums; the images need no gradient.
    #expect(convolution.operations == 2 * Double(2 * 8 * 64 * 27 * 2))
    #expect(convolution.forward > 0 && convolution.pullback > 0)
    #expect(rows["batch_norm_relu"]?.calls == 2)
    #expect(rows["optimizer"]?.calls == 1)
    #expect(profile.rows.reduce(0) { $0 + $1.seconds } <= profile.seconds)
    #expect(profile.rows.map(\.seconds) == profile.rows.map(\.seconds).sorted(by: >))
  }

  @Test func `a sum inside a pullback is its own row, counted once`() throws {
    let (_, profile) = Profile.measuring {
      let x = Tensor(repeating: 1, shape: [4, 4]).differentiable()
      let y = x.exp()
      _ = (y + y.exp()).sum().pullBack()
    }
    #expect(profile.rows.first { $0.name == "sum of cotangents" }?.calls == 1)
    #expect(profile.rows.reduce(0) { $0 + $1.seconds } <= profile.seconds)
  }

  @Test func `profiles add up`() throws {
    let (_, a) = Profile.measuring { Self.step() }
    let (_, b) = Profile.measuring { Self.step() }
    let sum = a + b
    #expect(sum.seconds == a.seconds + b.seconds)
    #expect(sum.rows.first { $0.name == "conv2d" }?.calls == 4)
    #expect(sum.rate > 0)
  }

  @Test func `the table has a line for each primitive, the total and the machine's rate`() throws {
    let (_, profile) = Profile.measuring { Self.step() }
    let lines = profile.text(convolutionRate: 1e9).split(separator: "\n")
    #expect(lines.count == profile.rows.count + 4)
    #expect(lines[0].hasPrefix("primitive"))
    #expect(lines.contains { $0.hasPrefix("conv2d") && $0.hasSuffix("%") })
    #expect(lines[profile.rows.count + 2].hasPrefix("total, seconds"))
    #expect(lines[profile.rows.count + 3].contains("of the 1.0e9"))
    #expect(profile.text().split(separator: "\n").count == profile.rows.count + 3)
  }

  @Test func `nothing is recorded outside a measurement`() {
    #expect(ProfileRecorder.current == nil)
    let (_, profile) = Profile.measuring {}
    Self.step()
    #expect(profile.rows.isEmpty)
  }

  @Test func `the rate of one convolution is that of a computer`() {
    let rate = ConvolutionRate.measured()
    #expect(rate > 1e6 && rate < 1e15)
  }
}
