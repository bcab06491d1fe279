import ArrayFiles
import ConvexKit
import Foundation
import Networks
import TestSupport
import Testing

@Suite struct ModuleStateTests {
  private struct Net: Module {
    let conv: Conv2D
    let norm: BatchNorm2D
    let fc: Linear

    init(seed: UInt64) {
      var generator = SeededGenerator(seed: seed)
      conv = Conv2D(inputs: 3, outputs: 20, kernel: [3, 3], hasBias: false, using: &generator)
      norm = BatchNorm2D(channels: 20)
      fc = Linear(inputs: 20, outputs: 2, using: &generator)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
      fc(norm.relu(conv(x)).mean(axes: [2, 3]))
    }
  }

  private static let names: Set<String> = [
    "conv.weight", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var",
    "norm.num_batches_tracked", "fc.weight", "fc.bias",
  ]

  private static let images = Tensor(
    FixtureRule().elements("images", .input, count: 2 * 3 * 64), shape: [2, 3, 8, 8])

  @Test func `a saved network loads into another one, bit by bit, whatever layout it lies in`()
    throws
  {
    try withTemporaryDirectory { folder in
      let url = folder.appending(path: "net.safetensors")
      let (a, b) = (Net(seed: 1), Net(seed: 2))
      let weights = a.conv.weight.value.elements
      _ = a(Self.images)  // moves the running statistics, and the weights into blocks
      try a.save(to: url)
      let file = try Safetensors(contentsOf: url)
      #expect(Set(file.arrays.keys) == Self.names)
      #expect(file.arrays["conv.weight"]?.shape == [20, 3, 3, 3])
      #expect(try file.arrays["conv.weight"]?.floats() == weights)
      #expect(try file.arrays["norm.num_batches_tracked"]?.integers() == [1])
      _ = b(Self.images)
      try b.load(contentsOf: url)
      #expect(b.state == a.state)
      a.setTraining(false)
      b.setTraining(false)
      #expect(a(Self.images).elements == b(Self.images).elements)
    }
  }

  @Test func `half, brain and double floats are read`() throws {
    let net = Net(seed: 1)
    var arrays = net.state
    arrays["fc.bias"] = StoredArray([1.5, -2.25], shape: [2])
    arrays["norm.bias"] = StoredArray(
      elementType: .f16, shape: [20], bytes: Data([0x00, 0x3e] + Array(repeating: 0, count: 38)))
    arrays["norm.weight"] = StoredArray(
      elementType: .bf16, shape: [20], bytes: Data([0x40, 0x40] + Array(repeating: 0, count: 38)))
    try net.load(arrays)
    #expect(net.fc.bias?.value.elements == [1.5, -2.25])
    #expect(net.norm.bias.value.elements[0] == 1.5)
    #expect(net.norm.weight.value.elements[0] == 3)
  }

  @Test func `one error names everything that does not fit, and nothing is changed`() {
    let net = Net(seed: 1)
    let before = net.state
    var arrays = net.state
    arrays["fc.bias"] = nil
    arrays["conv.weight"] = StoredArray(
      [Float](repeating: 0, count: 180), shape: [20, 3, 3, 1])
    arrays["conv.bias"] = StoredArray([0] as [Float], shape: [1])
    arrays["fc.weight"] = StoredArray([UInt8](repeating: 1, count: 40), shape: [2, 20])
    arrays["norm.num_batches_tracked"] = StoredArray([1] as [Float], shape: [])
    arrays["norm.bias"] = StoredArray([Float](repeating: 7, count: 20), shape: [20])
    let expected = StateMismatch(
      missing: ["fc.bias"], extra: ["conv.bias"],
      misshapen: [.init(name: "conv.weight", expected: [20, 3, 3, 3], actual: [20, 3, 3, 1])],
      mistyped: [
        .init(name: "fc.weight", actual: .u8),
        .init(name: "norm.num_batches_tracked", actual: .f32),
      ])
    let error = CheckpointError.mismatch(path: "weights", expected)
    #expect(throws: error) { try net.load(arrays) }
    #expect(net.state == before)
    #expect(
      error.description
        == "weights: does not fit the network: missing fc.bias; not expected conv.bias; "
        + "conv.weight has shape [20, 3, 3, 1], not [20, 3, 3, 3]; "
        + "fc.weight has element type U8; norm.num_batches_tracked has element type F32")
  }

  @Test func `a file that is none is an error with its name`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appending(path: "none.safetensors")
      #expect {
        try Net(seed: 1).load(contentsOf: url)
      } throws: { error in
        guard case .file(.unreadable(let path, _)) = error as? CheckpointError else { return false }
        return path == url.path
      }
    }
  }
}
