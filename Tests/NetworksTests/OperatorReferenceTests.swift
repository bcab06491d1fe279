import ConvexKit
import Networks
import TestSupport
import Testing

// ConvexKit has one too.
import class Networks.Parameter

/// Every operator against PyTorch in double precision, values and gradients.
@Suite struct OperatorReferenceTests {
  @Test(arguments: try ReferenceData.cases("ops", "conv2d"))
  func `convolution is PyTorch's`(_ reference: FixtureCase) throws {
    let settings = Convolution(
      stride: try reference.pair("stride"), padding: try reference.pair("padding"),
      dilation: try reference.pair("dilation"), groups: reference.attrs["groups"]?.int ?? 1)
    try reference.expectOperation(of: ["x", "w", "b"]) { inputs in
      inputs[0].conv2D(
        inputs[1], bias: inputs.count > 2 ? inputs[2] : nil, settings: settings)
    }
  }

  @Test(arguments: try ReferenceData.cases("ops", "batch_norm"))
  func `batch norm and its running statistics are PyTorch's`(_ reference: FixtureCase) throws {
    let layer = BatchNorm2D(
      weight: Parameter(try reference.input("w")), bias: Parameter(try reference.input("b")),
      runningMean: try reference.input("running_mean"),
      runningVar: try reference.input("running_var"),
      epsilon: Float(try reference.number("eps")),
      momentum: Float(try reference.number("momentum")))
    layer.setTraining(reference.attrs["training"]?.bool ?? false)
    let x = try reference.input("x").differentiable()
    let y = layer(x)
    try reference.expect("y", y)
    try reference.expect("running_mean_out", layer.runningMean.tensor)
    try reference.expect("running_var_out", layer.runningVar.tensor)
    let gradients = y.pullBack(try reference.input("dy"))
    try reference.expect("grad_x", try #require(gradients[x]))
    try reference.expect("grad_w", try #require(gradients[layer.weight]))
    try reference.expect("grad_b", try #require(gradients[layer.bias]))
  }

  @Test(arguments: try ReferenceData.cases("ops", "relu") + ReferenceData.cases("ops", "gelu"))
  func `activations are PyTorch's`(_ reference: FixtureCase) throws {
    try reference.expectOperation(of: ["x"]) {
      reference.attrs["op"]?.string == "relu" ? $0[0].relu() : $0[0].gelu()
    }
  }

  @Test(arguments: try ReferenceData.cases("ops", "linear"))
  func `linear maps are PyTorch's`(_ reference: FixtureCase) throws {
    try reference.expectOperation(of: ["x", "w", "b"]) {
      $0[0].linear($0[1], bias: $0.count > 2 ? $0[2] : nil)
    }
  }

  @Test(arguments: try ReferenceData.cases("ops", "matmul"))
  func `matrix products are PyTorch's`(_ reference: FixtureCase) throws {
    try reference.expectOperation(of: ["a", "b"]) { $0[0].matrixProduct($0[1]) }
  }

  @Test(arguments: try ReferenceData.cases("ops", "add.") + ReferenceData.cases("ops", "mul."))
  func `broadcasting arithmetic is PyTorch's`(_ reference: FixtureCase) throws {
    try reference.expectOperation(of: ["a", "b"]) {
      reference.attrs["op"]?.string == "add" ? $0[0] + $0[1] : $0[0] * $0[1]
    }
  }

  @Test(arguments: try ReferenceData.cases("ops", "einsum_gate"))
  func `a map times every channel is PyTorch's`(_ reference: FixtureCase) throws {
    try reference.expectOperation(of: ["x", "t"]) { inputs in
      let t = inputs[1]
      return inputs[0] * t.reshaped([t.shape[0], 1] + t.shape.dropFirst())
    }
  }

  @Test(arguments: try ReferenceData.cases("ops", "softmax"))
  func `softmax is PyTorch's`(_ reference: FixtureCase) throws {
    try reference.expectOperation(of: ["x"]) {
      reference.attrs["op"]?.string == "softmax" ? $0[0].softmax() : $0[0].spatialSoftmax()
    }
  }

  @Test(arguments: try ReferenceData.cases("ops", "cross_entropy"))
  func `cross-entropy is PyTorch's`(_ reference: FixtureCase) throws {
    let isWeighted = reference.attrs["weighted"]?.bool ?? false
    let weights = isWeighted ? try reference.input("weight").elements : nil
    let targets = try reference.integers("target")
    let smoothing = Float(try reference.number("label_smoothing"))
    try reference.expectOperation(of: ["logits"]) {
      $0[0].crossEntropy(targets, weights: weights, smoothing: smoothing)
    }
  }

  @Test(arguments: try ReferenceData.cases("ops", "max_pool2d"))
  func `max pooling is PyTorch's, ties included`(_ reference: FixtureCase) throws {
    let pooling = try reference.pooling
    try reference.expectOperation(of: ["x"]) { $0[0].maxPool2D(pooling) }
    let (values, indices) = try reference.input("x").maxPool2DWithIndices(pooling)
    try reference.expect("y", values)
    #expect(try indices == reference.integers("index"))
  }

  @Test(arguments: try ReferenceData.cases("ops", "avg_pool2d"))
  func `average pooling is PyTorch's`(_ reference: FixtureCase) throws {
    let pooling = try reference.pooling
    let countsPadding = try #require(reference.attrs["count_include_pad"]?.bool as Bool?)
    try reference.expectOperation(of: ["x"]) {
      $0[0].averagePool2D(pooling, countsPadding: countsPadding)
    }
  }

  @Test(arguments: try ReferenceData.cases("ops", "adaptive_avg_pool2d"))
  func `adaptive average pooling is PyTorch's`(_ reference: FixtureCase) throws {
    let extents = try reference.pair("output")
    try reference.expectOperation(of: ["x"]) { $0[0].adaptiveAveragePool2D(extents) }
  }

  @Test(arguments: try ReferenceData.cases("ops", "sum_pool2d"))
  func `sum pooling is PyTorch's`(_ reference: FixtureCase) throws {
    let factors = try reference.pair("factor")
    try reference.expectOperation(of: ["x"]) { $0[0].sumPool2D(factors) }
  }

  @Test(arguments: try ReferenceData.cases("ops", "resize"))
  func `resizing is PyTorch's`(_ reference: FixtureCase) throws {
    let extents = try reference.pair("size")
    let mode: Primitives.Resizing.Mode =
      reference.attrs["mode"]?.string == "nearest" ? .nearest : .bilinear
    try reference.expectOperation(of: ["x"]) { $0[0].resized(to: extents, mode: mode) }
  }

  @Test(arguments: try ReferenceData.cases("ops", "layer_norm"))
  func `layer norm is PyTorch's`(_ reference: FixtureCase) throws {
    let epsilon = Float(try reference.number("eps"))
    try reference.expectOperation(of: ["x", "w", "b"]) {
      $0[0].layerNorm(weight: $0[1], bias: $0[2], epsilon: epsilon)
    }
  }

  @Test(arguments: try ReferenceData.cases("ops", "l2_normalize"))
  func `division by the Euclidean norm is PyTorch's`(_ reference: FixtureCase) throws {
    let axis = try #require(reference.attrs["dim"]?.int)
    try reference.expectOperation(of: ["x"]) { $0[0].l2Normalized(axis: axis, epsilon: 1e-12) }
  }

  @Test(arguments: try ReferenceData.cases("ops", "dropout"))
  func `dropout is PyTorch's`(_ reference: FixtureCase) throws {
    let isTraining = try #require(reference.attrs["training"]?.bool as Bool?)
    let probability = Float(try reference.number("p"))
    let layer = Dropout(probability: probability)
    layer.setTraining(isTraining)
    try reference.expectOperation(of: ["x"]) { inputs in
      if isTraining {
        return inputs[0].dropout(mask: try reference.input("mask"), probability: probability)
      }
      var generator = SeededGenerator(seed: 1)
      return layer(inputs[0], using: &generator)
    }
  }

  @Test func `no operator of the reference data goes untested`() throws {
    let tested = [
      "conv2d", "batch_norm2d", "relu", "gelu", "linear", "matmul", "add", "mul", "einsum",
      "softmax", "softmax_spatial", "cross_entropy", "max_pool2d", "avg_pool2d",
      "adaptive_avg_pool2d", "sum_pool2d", "resize", "layer_norm", "l2_normalize", "dropout",
    ]
    let operators = try ReferenceData.cases("ops").compactMap { $0.attrs["op"]?.string }
    #expect(Set(operators) == Set(tested))
  }
}

extension FixtureCase {
  /// An attribute with a value per axis, given as one number where they are equal.
  func pair(_ name: String) throws -> [Int] {
    let value = try #require(attrs[name], "\(id) has no attribute \(name)")
    if let both = value.int { return [both, both] }
    return try #require(value.ints, "\(id): \(name) is not a pair")
  }

  /// The windows of a pooling.
  var pooling: Pooling {
    get throws {
      Pooling(
        kernel: try pair("kernel"), stride: try pair("stride"), padding: try pair("padding"),
        roundsUp: attrs["ceil_mode"]?.bool ?? false)
    }
  }

  /// A numeric attribute.
  func number(_ name: String) throws -> Double {
    try #require(attrs[name]?.double, "\(id) has no attribute \(name)")
  }
}
