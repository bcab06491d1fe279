import ArrayFiles
import ConvexKit
import Foundation
import Networks
import TestSupport
import Testing

@Suite struct PublishedWeightsTests {
  private static func resNet(
    seed: UInt64, classes: Int = 3, stages: [Int] = [3, 4]
  ) -> ResNet {
    var generator = SeededGenerator(seed: seed)
    let settings = ResNet.Settings(
      blocks: [1, 1, 1, 1], width: 2, classes: classes, size: [64, 64], stages: stages)
    return ResNet(settings, using: &generator)
  }

  private static func transformer(
    seed: UInt64, size: [Int] = [16, 24], classes: Int = 3
  ) -> VisionTransformer {
    var generator = SeededGenerator(seed: seed)
    let settings = VisionTransformer.Settings(
      patch: 8, width: 6, depth: 1, heads: 2, classes: classes, size: size)
    return VisionTransformer(settings, using: &generator)
  }

  @Test func `a plain backbone with another head loads into a gated network`() throws {
    let published = Self.resNet(seed: 1, classes: 10, stages: [])
    let gated = Self.resNet(seed: 2)
    let before = gated.state
    // Files from before PyTorch 0.4.1 have no counters.
    let arrays = published.state.filter { !$0.key.hasSuffix("num_batches_tracked") }
    let kept = try gated.load(arrays, allowing: gated.publishedDifferences)
    let counters = gated.namedBuffers().map(\.name).filter { $0.hasSuffix("num_batches_tracked") }
    let parts = ["tau_k", "tau_l"].flatMap { unit in
      ["w1.weight", "w1.bias", "w2.weight", "w2.bias"].map { "\(unit).\($0)" }
    }
    #expect(kept == (counters + parts + ["fc.weight", "fc.bias", "marginals.lamb"]).sorted())
    for (name, array) in gated.state {
      #expect(array == (kept.contains(name) ? before[name] : arrays[name]), "\(name)")
    }
  }

  @Test func `what is not allowed to differ is in one error, and nothing is changed`() {
    let gated = Self.resNet(seed: 2)
    let before = gated.state
    var arrays = Self.resNet(seed: 1, classes: 10, stages: []).state
    arrays["layer1.0.conv1.weight"] = nil
    arrays["fc2.weight"] = StoredArray([1] as [Float], shape: [1])
    arrays["bn1.bias"] = StoredArray([1, 2, 3] as [Float], shape: [3])
    arrays["fc.bias"] = StoredArray([UInt8](repeating: 0, count: 3), shape: [3])
    arrays["bn1.num_batches_tracked"] = nil
    let expected = StateMismatch(
      missing: ["layer1.0.conv1.weight"], extra: ["fc2.weight"],
      misshapen: [.init(name: "bn1.bias", expected: [2], actual: [3])])
    #expect(throws: CheckpointError.mismatch(path: "weights", expected)) {
      try gated.load(arrays, allowing: gated.publishedDifferences)
    }
    #expect(gated.state == before)
    // Without permission the counter, the gates and the head are in it too.
    #expect {
      try gated.load(arrays)
    } throws: { error in
      guard case .mismatch("weights", let mismatch) = error as? CheckpointError else {
        return false
      }
      return mismatch.missing.contains("tau_k.w1.weight")
        && mismatch.missing.contains("bn1.num_batches_tracked")
        && mismatch.misshapen.contains { $0.name == "fc.weight" }
        && mismatch.mistyped == [.init(name: "fc.bias", actual: .u8)]
    }
  }

  @Test func `a head of the right size is taken over`() throws {
    let published = Self.resNet(seed: 1, stages: [])
    let gated = Self.resNet(seed: 2)
    let kept = try gated.load(published.state, allowing: gated.publishedDifferences)
    #expect(!kept.contains { $0.hasPrefix("fc") })
    #expect(gated.fc.weight.value.elements == published.fc.weight.value.elements)
  }

  @Test func `a U-Net's encoder loads without its decoder`() throws {
    var generator = SeededGenerator(seed: 1)
    let settings = UNetEncoder.Settings(channels: 3, features: 2, size: [16, 16])
    let (published, model) = (
      UNetEncoder(settings, using: &generator), UNetEncoder(settings, using: &generator)
    )
    var arrays = published.state.filter { name, _ in
      !["tau_k.", "tau_l.", "marginals.", "fc."].contains { name.hasPrefix($0) }
    }
    arrays["upconv4.weight"] = StoredArray([1] as [Float], shape: [1])
    arrays["decoder4.dec4conv1.weight"] = StoredArray([1] as [Float], shape: [1])
    arrays["conv.bias"] = StoredArray([1] as [Float], shape: [1])
    let kept = try model.load(arrays, allowing: model.publishedDifferences)
    #expect(kept.contains("fc.weight") && !kept.contains("encoder1.enc1conv1.weight"))
    #expect(
      model.encoder1.conv1.weight.value.elements
        == published.encoder1.conv1.weight.value.elements)
  }

  @Test func `positions of another grid are resized, and said to be of the wrong one otherwise`()
    throws
  {
    try withTemporaryDirectory { folder in
      let url = folder.appending(path: "vit.safetensors")
      let published = Self.transformer(seed: 1, size: [32, 40], classes: 7)
      try published.save(to: url)
      let model = Self.transformer(seed: 2)
      let allowed = model.publishedDifferences
      #expect(
        try model.load(contentsOf: url, allowing: allowed, positionsOn: [4, 5])
          == ["head.bias", "head.weight"])
      #expect(model.posEmbed.value.elements == published.positions(for: [2, 3]).elements)
      func mismatch(_ expected: [Int]) -> CheckpointError {
        .mismatch(
          path: url.path,
          StateMismatch(
            misshapen: [.init(name: "pos_embed", expected: expected, actual: [1, 21, 6])]))
      }
      #expect(throws: mismatch([1, 26, 6])) {
        try model.load(contentsOf: url, allowing: allowed, positionsOn: [5, 5])
      }
      #expect(throws: mismatch([1, 7, 6])) {
        try model.load(contentsOf: url, allowing: allowed)
      }
    }
  }

  @Test func `half and brain floats become Float exactly, the odd ones included`() throws {
    // Bits and values: the largest, the smallest normal, subnormals, zeros, infinities.
    let halves: [(UInt16, Float)] = [
      (0x7bff, 65504), (0x0400, 0x1p-14), (0x0001, 0x1p-24), (0x83ff, -0x1.ff8p-15), (0x8000, -0.0),
      (0x7c00, .infinity), (0xfc00, -.infinity), (0x3555, 0.333251953125),
    ]
    let brains: [(UInt16, Float)] = [
      (0x7f7f, 0x1.fep127), (0x0080, 0x1p-126), (0x0001, 0x1p-133), (0x807f, -0x1.fcp-127),
      (0x8000, -0.0), (0x7f80, .infinity), (0xff80, -.infinity), (0x3eab, 0.333984375),
    ]
    for (type, cases, nan) in [
      (ElementType.f16, halves, UInt16(0x7e01)), (.bf16, brains, 0x7fc1),
    ] {
      let bits = cases.map(\.0) + [nan]
      let data = bits.reduce(into: Data()) {
        $0.append(contentsOf: [UInt8($1 & 255), UInt8($1 >> 8)])
      }
      let layer = Linear(
        weight: Parameter(Tensor(repeating: 0, shape: [1, bits.count])), bias: nil)
      try layer.load([
        "weight": StoredArray(elementType: type, shape: [1, bits.count], bytes: data)
      ])
      let values = layer.weight.value.elements
      #expect(values.dropLast().map(\.bitPattern) == cases.map(\.1.bitPattern))
      #expect(values[cases.count].isNaN)
    }
  }
}
