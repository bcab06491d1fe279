import ArrayFiles
import Networks
import TestSupport
import Testing

@Suite struct OptimizerTests {
  /// The optimizer that a case describes.
  private static func optimizer(
    _ reference: FixtureCase, _ parameters: [(name: String, parameter: Parameter)]
  ) throws -> any Optimizer {
    let attributes = reference.attrs
    let rate = try #require(attributes["lr"]?.double)
    let kind = try #require(attributes["optimizer"]?.string)
    let decay = attributes["weight_decay"]?.double
    let betas = attributes["betas"]?.doubles ?? [0.9, 0.999]
    switch kind {
    case "Adam", "AdamW":
      let isDecoupled = kind == "AdamW"
      return Adam(
        parameters, learningRate: rate,
        settings: Adam.Settings(
          betas: (betas[0], betas[1]), eps: attributes["eps"]?.double ?? 1e-8,
          weightDecay: decay ?? (isDecoupled ? 0.01 : 0), decoupled: isDecoupled,
          amsgrad: attributes["amsgrad"]?.bool ?? false))
    default:
      try #require(kind == "SGD")
      return SGD(
        parameters, learningRate: rate,
        settings: SGD.Settings(
          momentum: attributes["momentum"]?.double ?? 0,
          dampening: attributes["dampening"]?.double ?? 0,
          nesterov: attributes["nesterov"]?.bool ?? false, weightDecay: decay ?? 0))
    }
  }

  @Test(arguments: try ReferenceData.cases("optim", "optim."))
  func `every step moves parameters as PyTorch's does`(_ reference: FixtureCase) throws {
    let names = reference.inputs.keys.filter { !$0.hasPrefix("g.") }.sorted()
    let parameters = try names.map { (name: $0, parameter: Parameter(try reference.input($0))) }
    let gradients = try names.map { try reference.stored("g." + $0).elements }
    let optimizer = try Self.optimizer(reference, parameters)
    let steps = try #require(reference.attrs["steps"]?.int)
    var taken: [[Float]] = Array(repeating: [], count: names.count)
    for step in 0..<steps {
      for (index, (_, parameter)) in parameters.enumerated() {
        let count = parameter.value.count
        let row = Array(gradients[index][step * count..<(step + 1) * count])
        parameter.gradient = Tensor(row, shape: parameter.shape)
      }
      optimizer.step()
      for (index, (_, parameter)) in parameters.enumerated() {
        taken[index] += parameter.value.elements
      }
    }
    for (name, taken) in zip(names, taken) { try reference.expect(name + "_steps", taken) }
  }

  @Test(arguments: try ReferenceData.cases("optim", "optim_loss."))
  func `a linear classifier is trained as PyTorch trains it`(_ reference: FixtureCase) throws {
    let weight = Parameter(try reference.input("w"))
    let bias = Parameter(try reference.input("b"))
    let x = try reference.input("x")
    let classes = try reference.integers("target")
    let optimizer = try Self.optimizer(reference, [("weight", weight), ("bias", bias)])
    var losses: [Float] = []
    var weights: [Float] = []
    for _ in 0..<(try #require(reference.attrs["steps"]?.int)) {
      let loss = x.linear(weight.value, bias: bias.value).crossEntropy(classes)
      losses.append(loss.item)
      weight.gradient = nil
      bias.gradient = nil
      loss.backward()
      optimizer.step()
      weights += weight.value.elements
    }
    try reference.expect("loss", losses)
    try reference.expect("weight_steps", weights)
    try reference.expect("bias_final", bias.value)
  }

  /// Every kind of optimizer, over the given parameters.
  private static func all(
    _ parameters: [(name: String, parameter: Parameter)]
  ) -> [any Optimizer] {
    [
      Adam(parameters, learningRate: 0.01),
      Adam(parameters, learningRate: 0.01, settings: .init(weightDecay: 0.1, amsgrad: true)),
      Adam(parameters, learningRate: 0.01, settings: .adamW()),
      SGD(parameters, learningRate: 0.01),
      SGD(parameters, learningRate: 0.01, settings: .init(momentum: 0.9, nesterov: true)),
    ]
  }

  private static func values(_ name: String, count: Int) -> Tensor {
    Tensor(FixtureRule().elements(name, .input, count: count), shape: [count])
  }

  @Test(arguments: 0..<5)
  func `a step does not depend on how the elements are spread over threads`(kind: Int) {
    let count = 100_003
    let whole = Parameter(Self.values("p", count: count))
    let pieces = stride(from: 0, to: count, by: 997).map { start in
      start..<min(start + 997, count)
    }
    let elements = whole.value.elements
    let parts = pieces.map { Parameter(Tensor(Array(elements[$0]), shape: [$0.count])) }
    let one = Self.all([("whole", whole)])[kind]
    let many = Self.all(parts.enumerated().map { ("part\($0)", $1) })[kind]
    for step in 0..<3 {
      let gradient = Self.values("g\(step)", count: count)
      let elements = gradient.elements
      whole.gradient = gradient
      for (range, part) in zip(pieces, parts) {
        part.gradient = Tensor(Array(elements[range]), shape: [range.count])
      }
      one.step()
      many.step()
    }
    #expect(whole.value.elements == parts.flatMap { $0.value.elements })
  }

  @Test(arguments: 0..<5)
  func `an optimizer restored from a state goes on to the bit`(kind: Int) throws {
    let (a, b) = (Parameter(Self.values("p", count: 33)), Parameter(Self.values("p", count: 33)))
    let first = Self.all([("p", a)])[kind]
    func step(_ number: Int, _ parameter: Parameter, _ optimizer: any Optimizer) {
      parameter.gradient = Self.values("g\(number)", count: 33)
      optimizer.step()
    }
    for number in 0..<3 { step(number, a, first) }
    first.learningRate = 0.003
    let second = Self.all([("p", b)])[kind]
    b.value = a.value
    try second.restore(first.state)
    #expect(second.state == first.state)
    for number in 3..<6 {
      step(number, a, first)
      step(number, b, second)
    }
    #expect(a.value.elements == b.value.elements)
    #expect(second.learningRate == 0.003)
  }

  @Test(arguments: 0..<5)
  func `a parameter that is frozen or has no gradient stands still`(kind: Int) {
    let parameters = ["a", "b", "c"].map {
      (name: $0, parameter: Parameter(Self.values($0, count: 4)))
    }
    let before = parameters.map { $0.parameter.value.elements }
    let optimizer = Self.all(parameters)[kind]
    parameters[0].parameter.gradient = Self.values("g", count: 4)
    parameters[1].parameter.isTrainable = false
    parameters[1].parameter.gradient = Self.values("g", count: 4)
    optimizer.step()
    let after = parameters.map { $0.parameter.value.elements }
    #expect(after[0] != before[0])
    #expect(after[1] == before[1])
    #expect(after[2] == before[2])
    #expect(optimizer.state.steps == ["a": 1])
  }

  @Test func `a state of another optimizer is refused by name`() {
    let parameters = [(name: "p", parameter: Parameter(Self.values("p", count: 2)))]
    let optimizers = Self.all(parameters)
    #expect(
      throws: CheckpointError.optimizerMismatch(
        path: "optimizer state", expected: "AdamW", actual: "SGD")
    ) { try optimizers[2].restore(optimizers[3].state) }
    #expect(
      throws: CheckpointError.optimizerMismatch(
        path: "optimizer state", expected: "SGD", actual: "Adam")
    ) { try optimizers[4].restore(optimizers[0].state) }
  }

  @Test func `a state that does not fit is refused with every difference`() {
    let parameters = ["a", "b"].map {
      (name: $0, parameter: Parameter(Self.values($0, count: 2)))
    }
    let optimizer = Adam(parameters)
    var state = optimizer.state
    state.steps = ["a": 1, "z": 1]
    state.moments = [
      "exp_avg.a": StoredArray([0, 0, 0] as [Float], shape: [3]),
      "other.a": StoredArray([0] as [Float], shape: [1]),
    ]
    let expected = StateMismatch(
      missing: ["exp_avg_sq.a"], extra: ["other.a", "z"],
      misshapen: [.init(name: "exp_avg.a", expected: [2], actual: [3])])
    #expect(throws: CheckpointError.mismatch(path: "optimizer state", expected)) {
      try optimizer.restore(state)
    }
    #expect(optimizer.state.steps.isEmpty)
  }
}
