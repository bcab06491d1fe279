import Networks
import TestSupport
import Testing

/// The gradients of a case's network: whole, or as samples and norms.
extension FixtureCase {
  /// Expects every gradient of a small network to be the reference's; `input` are the images, made
  /// differentiable.
  func expectGradients(_ gradients: Gradients, of model: some Module, input: Tensor) throws {
    try expectGradient(try #require(gradients[input]), of: "x")
    for (name, parameter) in model.namedParameters() {
      try expectGradient(try #require(gradients[parameter], "no gradient of \(name)"), of: name)
    }
  }

  /// Compares a gradient with what is stored of it: all, 64 entries, and its norm.
  private func expectGradient(_ gradient: Tensor, of name: String) throws {
    let whole = name == "x" ? "grad_x" : "grad/" + name
    if outputs[whole] != nil { try expect(whole, gradient) }
    let elements = gradient.elements
    if let sample = outputs["sample/" + name] {
      let indices = try ReferenceData.rule.integers(
        "sample:" + name, count: sample.shape[0], below: elements.count)
      try expect("sample/" + name, indices.map { elements[$0] })
    }
    if let norm = numbers?["grad_norm"]?[name]?.doubles {
      let deviation = abs(Self.norm(elements) - norm[0])
      #expect(deviation <= norm[1], "\(id): norm of the gradient of \(name)")
    }
  }

  /// Expects the norms and eight entries of every gradient of a full-size network to be the
  /// reference's (`full_grads.json`).
  func expectSampledGradients(_ gradients: Gradients, of model: some Module) throws {
    let stored = try #require(
      try ReferenceData.json("full_grads.json")[name], "\(id) has no gradients")
    // How far each number is off, in units of its tolerance.
    var deviations: [(of: String, Double)] = []
    for (name, parameter) in model.namedParameters() {
      let elements = try #require(gradients[parameter], "no gradient of \(name)").elements
      let expected = try #require(stored[name], "no reference for \(name)")
      let (norm, allowed) = (expected["norm"]?.double, expected["norm_tol"]?.double)
      deviations.append(
        (
          "norm of \(name)",
          abs(Self.norm(elements) - (try #require(norm))) / (try #require(allowed))
        )
      )
      guard let sample = expected["sample"]?.doubles else { continue }
      let tolerance = try #require(expected["sample_tol"]?.double)
      let indices = try ReferenceData.rule.integers(
        "sample:" + name, count: sample.count, below: elements.count)
      for (index, value) in zip(indices, sample) {
        deviations.append(
          ("entry \(index) of \(name)", abs(Double(elements[index]) - value) / tolerance))
      }
    }
    let beyond = deviations.filter { !($0.1 <= 1) }
    #expect(beyond.isEmpty, "\(id): \(beyond.count) of \(deviations.count): \(beyond)")
  }

  /// Whether there are norms and entries to compare gradients with.
  var hasSampledGradients: Bool {
    get throws { try ReferenceData.json("full_grads.json")[name] != nil }
  }

  private static func norm(_ elements: [Float]) -> Double {
    elements.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
