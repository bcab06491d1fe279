import ConvexKit
import Networks
import TestSupport
import Testing

// ConvexKit has one too.
import class Networks.Parameter

@Suite struct GateTests {
  /// The gate that a case describes, its weights under `path`.
  static func gate(_ reference: FixtureCase, _ path: String = "") throws -> Gate {
    func parameter(_ name: String) throws -> Parameter? {
      try reference.inputs[path + name].map { _ in Parameter(try reference.input(path + name)) }
    }
    let w1 = Conv2D(
      weight: try #require(try parameter("w1.weight")), bias: try parameter("w1.bias"))
    if let u = try parameter("u") { return Gate(w1: w1, u: u) }
    return Gate(
      w1: w1,
      w2: Conv2D(weight: try #require(try parameter("w2.weight")), bias: try parameter("w2.bias")))
  }

  /// The attention unit that a case describes, its weights under `path`.
  static func unit(_ reference: FixtureCase, _ path: String = "") throws -> AttentionUnit {
    guard reference.inputs[path + "0.w1.weight"] != nil else {
      return AttentionUnit([try gate(reference, path)])
    }
    return AttentionUnit([try gate(reference, path + "0."), try gate(reference, path + "1.")])
  }

  @Test(arguments: try ReferenceData.cases("gates", "gate."))
  func `maps, features and gradients are PyTorch's`(_ reference: FixtureCase) throws {
    let unit = try Self.unit(reference)
    let x = try reference.input("x").differentiable()
    let gated = unit(x)
    if reference.outputs["phi"] != nil {
      try reference.expect("phi", gated.attention.potentials)
    }
    if unit.gates.count == 2 {
      let first = unit.gates[0](x)
      let second = unit.gates[1](first.features)
      try reference.expect("y0", first.features)
      try reference.expect("tau0", first.attention.map)
      try reference.expect("phi0", first.attention.potentials)
      try reference.expect("y1", second.features)
      try reference.expect("tau1", second.attention.map)
      try reference.expect("phi1", second.attention.potentials)
    }
    try reference.expect("y", gated.features)
    try reference.expect("tau", gated.attention.map)
    let loss =
      (gated.features * (try reference.input("dy"))).sum()
      + (gated.attention.map * (try reference.input("dtau"))).sum()
    let gradients = loss.pullBack()
    try reference.expect("grad_x", try #require(gradients[x]))
    for (name, parameter) in unit.namedParameters() {
      try reference.expect("grad_" + name, try #require(gradients[parameter]))
    }
  }

  @Test func `a single gate has the unit's path, several are numbered`() {
    struct Holder: Module { let tauK: AttentionUnit }
    var generator = SeededGenerator(seed: 1)
    func names(_ count: Int, _ settings: Gate.Settings) -> [String] {
      let unit = AttentionUnit(
        channels: 3, cells: [4, 5], count: count, settings: settings, using: &generator)
      return Holder(tauK: unit).namedParameters().map(\.name)
    }
    #expect(
      names(1, .init(embed: 2))
        == ["tau_k.w1.weight", "tau_k.w1.bias", "tau_k.w2.weight", "tau_k.w2.bias"])
    #expect(
      names(2, .init(embed: 2, isLocal: true, hasBias: false))
        == ["tau_k.0.w1.weight", "tau_k.0.u", "tau_k.1.w1.weight", "tau_k.1.u"])
  }

  @Test func `the gain multiplies the features by the number of cells, and nothing else`() {
    var generator = SeededGenerator(seed: 2)
    let plain = Gate(channels: 3, cells: [4, 5], settings: .init(embed: 4), using: &generator)
    guard let w2 = plain.w2 else { return }
    let gained = Gate(w1: plain.w1, w2: w2, gain: true)
    let x = Tensor(FixtureRule().elements("x", .input, count: 120), shape: [2, 3, 4, 5])
    let (a, b) = (plain(x), gained(x))
    #expect(a.attention.map.elements == b.attention.map.elements)
    for (a, b) in zip(a.features.elements, b.features.elements) {
      #expect(abs(20 * a - b) <= 1e-6)
    }
  }

  @Test func `the logarithm of a map is exact where the map underflows`() {
    let attention = AttentionMap(potentials: Tensor([0, 200, -200, 100], shape: [1, 2, 2]))
    #expect(attention.map.elements[...2] == [0, 1, 0])
    for (actual, expected) in zip(attention.logMap.elements, [-200, 0, -400, -100] as [Float]) {
      #expect(abs(actual - expected) <= 1e-5)
    }
  }
}
