import ConvexKit
import Networks
import Testing

// ConvexKit has one too.
import class Networks.Parameter

@Suite struct TapeTests {
  @Test func `a value that is used twice gets the sum of its cotangents`() throws {
    let x = Tensor([1, 2, 3], shape: [3]).differentiable()
    let y = x * x + x
    #expect(try #require(y.pullBack()[x]).elements == [3, 5, 7])
  }

  @Test func `a chain of shared values is walked once per application`() throws {
    // y = 2³² x by doubling: a walk over paths instead of applications would never end.
    let x = Tensor(1).differentiable()
    var y = x
    for _ in 0..<32 { y = y + y }
    #expect(y.tape().count == 32)
    #expect(try #require(y.pullBack()[x]).item == 0x1p32)
  }

  @Test func `only what needs a gradient is recorded`() {
    let data = Tensor([1, -1], shape: [2])
    #expect(data.relu().application == nil)
    let frozen = Parameter(data, isTrainable: false)
    #expect((frozen.value * data).application == nil)
    let trained = Parameter(data)
    let product = trained.value * data.relu()
    #expect(product.tape().map(\.primitive) == ["multiply"])
    #expect(withoutRecording { trained.value * data }.application == nil)
  }

  @Test func `nothing is computed below the lowest trained parameter`() throws {
    var generator = SeededGenerator(seed: 1)
    let first = Linear(inputs: 3, outputs: 4, using: &generator)
    let second = Linear(inputs: 4, outputs: 2, using: &generator)
    first.setTrainable(false)
    let y = second(first(.normal([5, 3], using: &generator)).relu())
    #expect(y.tape().map(\.primitive) == ["linear"])
    let gradients = y.pullBack()
    #expect(gradients[first.weight] == nil)
    #expect(try #require(gradients[second.bias ?? second.weight]).elements == [5, 5])
  }

  @Test func `freezing and unfreezing takes effect from the next use on`() {
    let parameter = Parameter(Tensor([1, 2], shape: [2]))
    let before = parameter.value.relu()
    parameter.isTrainable = false
    #expect(parameter.value.relu().application == nil)
    #expect(before.application != nil)
    parameter.isTrainable = true
    #expect(parameter.value.relu().application != nil)
  }

  @Test func `backward accumulates in the cells and releases the tape`() throws {
    let parameter = Parameter(Tensor([1, 2], shape: [2]))
    for factor: Float in [1, 10] { (factor * parameter.value).sum().backward() }
    #expect(try #require(parameter.gradient).elements == [11, 11])
    parameter.gradient = nil
    #expect(parameter.gradient == nil)
  }

  @Test func `a walk that does not release can be repeated`() throws {
    let x = Tensor([2], shape: [1]).differentiable()
    let y = x.exp()
    let once = try #require(y.pullBack()[x])
    #expect(try #require(y.pullBack()[x]).elements == once.elements)
  }

  @Test func `intermediate cotangents are kept on request`() throws {
    let x = Tensor([1, -2], shape: [2]).differentiable()
    let activation = x.relu()
    let y = (activation * activation).sum()
    let gradients = y.pullBack(keeping: [activation])
    #expect(try #require(gradients[activation]).elements == [2, 0])
    #expect(try #require(y.pullBack()[x]).elements == [2, 0])
    #expect(y.pullBack()[activation] == nil)
  }

  @Test func `a rule replaces the pullback of the applications that it chooses`() throws {
    let x = Tensor([1, -2, 3], shape: [3]).differentiable()
    let y = (x.relu() * x.relu()).sum()
    // Guided backpropagation of the first relu only: its cotangent passes unmasked.
    let first = try #require(y.tape().first { $0.primitive == "relu" })
    let gradients = y.pullBack { application in
      application === first ? { dy in [dy] } : nil
    }
    let plain = try #require(y.pullBack()[x]).elements
    #expect(plain == [2, 0, 6])
    #expect(try #require(gradients[x]).elements == [2, 0, 6])
    let doubled = y.pullBack { application in
      application === first ? { dy in [2 * dy] } : nil
    }
    #expect(try #require(doubled[x]).elements == [3, 0, 9])
  }

  @Test func `applications tell what was applied to what`() throws {
    let x = Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2]).differentiable()
    let y = x.maxPool2D(Pooling(kernel: [2, 2]))
    let application = try #require(y.application)
    #expect(application.primitive == "max_pool2d")
    #expect(application.inputs.map(\.shape) == [[1, 1, 2, 2]])
    #expect(application.output.elements == [4])
    #expect(application.attributes as? Pooling == Pooling(kernel: [2, 2]))
    #expect(
      try #require(application.pullback(Tensor([5], shape: [1, 1, 1, 1]))[0]).elements
        == [0, 0, 0, 5])
  }

  @Test func `the first application with a value that is not finite is named`() throws {
    let x = Tensor([1, 0], shape: [2]).differentiable()
    let loss = (x.relu().log().exp() + x).log().sum()
    let culprit = try #require(loss.firstNonFiniteApplication())
    #expect(culprit.primitive == "log")
    #expect(culprit.inputs[0].elements == [1, 0])
    #expect(x.exp().sum().firstNonFiniteApplication() == nil)
  }

  @Test func `a value that was not kept is computed again and named`() throws {
    let x = Tensor([1, 2], shape: [1, 2, 1, 1]).differentiable()
    let weight = Tensor([3e38, 3e38], shape: [1, 2, 1, 1])
    // 9e38 is not a Float; its convolution does not keep it, and what follows makes it NaN.
    let loss = (2 * x).conv2D(weight).l2Normalized().relu().sum()
    #expect(loss.item.isNaN)
    let culprit = try #require(loss.firstNonFiniteApplication())
    #expect(culprit.primitive == "conv2d")
    #expect(culprit.output.elements == [.infinity])
    #expect(culprit.inputs[0].elements == [2, 4])
  }

  @Test func `a batch norm whose value is computed again follows its batch once`() throws {
    var generator = SeededGenerator(seed: 1)
    let norm = BatchNorm2D(channels: 2)
    let x = Tensor.normal([3, 2, 4, 4], using: &generator).differentiable()
    let y = norm.relu(2 * x)
    let mean = norm.runningMean.tensor.elements
    let pooled = y.maxPool2D(Pooling(kernel: [2, 2]))
    let application = try #require(pooled.tape().first { $0.primitive == "batch_norm_relu" })
    #expect(application.output.elements.map(\.bitPattern) == y.elements.map(\.bitPattern))
    #expect(norm.runningMean.tensor.elements == mean)
    #expect(norm.numBatchesTracked.count == 1)
  }

  @Test func `NaN passes through a relu, a batch norm with relu and a max pool`() {
    let x = Tensor([.nan, -1, 2, 3], shape: [1, 1, 2, 2])
    #expect(x.relu().elements.map(\.isNaN) == [true, false, false, false])
    #expect(x.maxPool2D(Pooling(kernel: [2, 2])).item.isNaN)
    #expect(BatchNorm2D(channels: 1).relu(x).elements.map(\.isNaN) == [true, true, true, true])
  }

  @Test func `a tensor shows a parameter's value at the time, whatever happens to it later`() {
    let parameter = Parameter(Tensor([1, 2], shape: [2]))
    let before = parameter.value
    parameter.value = Tensor([5, 6], shape: [2])
    #expect(before.elements == [1, 2])
    #expect(parameter.value.elements == [5, 6])
  }

  @Test func `gradients of one network may be computed on several threads at once`() async throws {
    var generator = SeededGenerator(seed: 4)
    let layer = Conv2D(inputs: 3, outputs: 16, kernel: [3, 3], using: &generator)
    let inputs = (0..<8).map { _ in Tensor.normal([2, 3, 9, 9], using: &generator) }
    let alone = try inputs.map {
      try #require(layer($0).relu().sum().pullBack()[layer.weight]).elements
    }
    let together = try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
      for (index, input) in inputs.enumerated() {
        group.addTask {
          let gradients = layer(input).relu().sum().pullBack()
          return (index, try #require(gradients[layer.weight]).elements)
        }
      }
      var results = Array(repeating: [Float](), count: inputs.count)
      for try await (index, gradient) in group { results[index] = gradient }
      return results
    }
    #expect(together == alone)
  }
}
