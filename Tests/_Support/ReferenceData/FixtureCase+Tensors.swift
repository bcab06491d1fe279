import ArrayFiles
import Networks
import Testing

/// The arrays of a case as tensors, and the comparison with its results.
extension FixtureCase {
  /// The input of a name, from the file or by the rule.
  public func input(_ name: String) throws -> Tensor {
    let input = try #require(inputs[name], "\(id) has no input \(name)")
    if input.stored { return try stored(name) }
    let rule = try #require(input.rule, "\(id)/\(name) has neither data nor a rule")
    let count = input.shape.reduce(1, *)
    return Tensor(
      try referenceSet().rule.elements(rule, .input, count: count), shape: input.shape)
  }

  /// The integers of an input, such as target classes.
  public func integers(_ name: String) throws -> [Int] {
    try array(name).integers()
  }

  /// An array of this case in its file.
  public func array(_ name: String) throws -> StoredArray {
    try #require(try referenceSet().file(file).arrays[prefix + name], "\(id) has no array \(name)")
  }

  /// An array of this case in its file, as a tensor of the shape that the case says: the file
  /// stores scalars as vectors of one element.
  public func stored(_ name: String) throws -> Tensor {
    let array = try array(name)
    let shape = inputs[name]?.shape ?? outputs[name]?.shape ?? array.shape
    return Tensor(try array.floats(), shape: shape)
  }

  /// Expects elements, in row-major order, to be the reference's, within the case's tolerance.
  public func expect(
    _ name: String, _ actual: [Float], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let shape = try #require(outputs[name], "\(id) has no output \(name)").shape
    try expect(name, Tensor(actual, shape: shape), sourceLocation: sourceLocation)
  }

  /// Expects a result to be the reference's, within the case's tolerance.
  public func expect(
    _ name: String, _ actual: Tensor, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let output = try #require(outputs[name], "\(id) has no output \(name)")
    let tolerance = try #require(output.tol, "\(id)/\(name) has no tolerance")
    let expected = try stored(name)
    #expect(actual.shape == expected.shape, "\(id)/\(name)", sourceLocation: sourceLocation)
    let (a, b) = (actual.elements.map(Double.init), expected.elements.map(Double.init))
    let largest = maximumAbsoluteDifference(a, b)
    #expect(
      largest <= tolerance.abs, "\(id)/\(name): an element is off by \(largest)",
      sourceLocation: sourceLocation)
    let norm = euclideanDifference(a, b)
    #expect(
      norm <= tolerance.l2, "\(id)/\(name): off by \(norm) in the norm",
      sourceLocation: sourceLocation)
  }

  /// Runs a case of one output `y`: computes it from differentiable inputs, pulls `dy` back, and
  /// expects `y` and every `grad_*` to be the reference's.
  ///
  /// `names` are the inputs that are tensors, in the order that `compute` gets them.
  public func expectOperation(
    of names: [String], sourceLocation: SourceLocation = #_sourceLocation,
    _ compute: ([Tensor]) throws -> Tensor
  ) throws {
    let names = names.filter { inputs[$0] != nil }
    let tensors = try names.map { try input($0).differentiable() }
    let y = try compute(tensors)
    try expect("y", y, sourceLocation: sourceLocation)
    guard inputs["dy"] != nil else { return }
    let gradients = y.pullBack(try input("dy"))
    for (name, tensor) in zip(names, tensors) where outputs["grad_" + name] != nil {
      let gradient = try #require(gradients[tensor], "\(id): no gradient of \(name)")
      try expect("grad_" + name, gradient, sourceLocation: sourceLocation)
    }
  }
}
