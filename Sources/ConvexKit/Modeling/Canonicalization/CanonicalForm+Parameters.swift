extension CanonicalForm {
  /// θ⁺ at values of the parameters, with what its derivatives need.
  struct ParameterPoint {
    /// θ⁺.
    let values: [Double]
    fileprivate var evaluation: Evaluation
  }

  /// Checks the values of the parameters and extends them.
  ///
  /// - Throws: ``ModelingError``: a parameter without a value, a value without a parameter, a shape
  ///   or sign that is not the declared one, an element that is not finite.
  func point(_ assignment: Assignment) throws(ModelingError) -> ParameterPoint {
    var slots: [Double] = []
    for (leaf, _) in parameters {
      guard let value = assignment[leaf] else { throw .missingValue(name: leaf.description) }
      try leaf.check(shapeOf: value)
      try leaf.check(domainOf: value.elements)
      slots += value.elements
    }
    if assignment.values.count > parameters.count {
      let known = Set(parameters.map(\.leaf.id))
      let others = assignment.values.filter { !known.contains($0.key) }
      if let name = others.map(\.value.leaf.description).min() {
        throw .unknownParameter(name: name)
      }
    }
    var evaluation = Evaluation(assignment)
    let values = try derived.values(slots, &evaluation)
    return ParameterPoint(values: values, evaluation: evaluation)
  }

  /// The gradient of every parameter from gradients of the program's numbers: the adjoint of the
  /// map from parameters to numbers.
  ///
  /// - Parameters:
  ///   - gradient: With respect to the stored entries of P and A, and q, b and d.
  ///   - point: Where.
  /// - Returns: Gradients by the parameter's identity, in column-major order.
  func pullBack(
    _ gradient: Numbers, at point: ParameterPoint
  ) -> [ObjectIdentifier: [Double]] {
    var extended = [Double](repeating: 0, count: derived.count)
    quadratic.pullBack(gradient.quadratic, into: &extended)
    linear.pullBack(gradient.linear, into: &extended)
    constraints.pullBack(gradient.constraints, into: &extended)
    rightHandSide.pullBack(gradient.rightHandSide, into: &extended)
    constant.pullBack([gradient.constant], into: &extended)
    var evaluation = point.evaluation
    return derived.pullBack(
      extended, at: point.values, &evaluation, parameters: parameters)
  }

  /// The tangents of the program's numbers from those of the parameters.
  ///
  /// - Parameters:
  ///   - tangents: By the parameter's identity; those that are left out are 0.
  ///   - point: Where.
  /// - Returns: The tangents.
  func pushForward(
    _ tangents: [ObjectIdentifier: [Double]], at point: ParameterPoint
  ) -> Numbers {
    var evaluation = point.evaluation
    let extended = derived.pushForward(
      tangents, at: point.values, &evaluation, parameters: parameters)
    return Numbers(
      quadratic: quadratic.pushForward(extended), linear: linear.pushForward(extended),
      constraints: constraints.pushForward(extended),
      rightHandSide: rightHandSide.pushForward(extended),
      constant: constant.pushForward(extended)[0])
  }
}

extension Expression {
  /// A parameter's value is finite and in its domain; semidefiniteness is left to the program.
  fileprivate func check(domainOf elements: [Double]) throws(ModelingError) {
    guard case .parameter(let domain) = content else { return }
    for (index, value) in elements.enumerated() {
      if !value.isFinite { throw .notFinite(operand: description, index: index, value: value) }
      if domain == .nonnegative && value < 0 || domain == .nonpositive && value > 0 {
        throw .outsideDomain(operand: description, index: index, value: value, domain: domain)
      }
    }
  }
}
