/// One sample of a ``ConvexLayer``: the solution there, and how it moves with the parameters.
public struct ConvexLayerSample: Sendable {
  /// Why the solver stopped; nil where the values of the parameters were refused.
  public let status: SolveStatus?
  /// What was wrong with the values of the parameters.
  public let error: ModelingError?
  /// The values of the layer's variables, whatever the status; empty with an ``error``.
  public let values: [Matrix<Double>]
  /// How far the optimality conditions are from holding; nil with an ``error``.
  public let residuals: ConeResiduals?
  private let layer: ConvexLayer
  private let parameters: Assignment
  private let solution: ConeSolution?
  private let program: ConeProgram?

  init(_ layer: ConvexLayer, _ values: [Matrix<Double>], _ compiled: CompiledProblem) {
    self.layer = layer
    do {
      let assignment = try layer.assignment(values)
      let solution = try compiled.solve(parameters: assignment)
      parameters = assignment
      self.solution = solution.cone
      program = compiled.program
      self.values = layer.variables.map { solution.value(of: $0) }
      (status, error, residuals) = (solution.status, nil, solution.residuals)
    } catch {
      (parameters, solution, program, self.values) = ([:], nil, nil, [])
      (status, self.error, residuals) = (nil, error, nil)
    }
  }

  /// The gradient of Σ ⟨x°, x⟩ with respect to the parameters.
  ///
  /// - Parameter cotangents: x° for every variable of the layer, in its shape.
  /// - Returns: A gradient for every parameter of the layer, and the relative residual of the linear
  ///   system that it comes from.
  /// - Throws: ``ConvexLayerError``: a sample that is not solved or has a kink has no derivative.
  public func pullBack(
    _ cotangents: [Matrix<Double>]
  ) throws(ConvexLayerError) -> ConvexLayerGradient {
    var system: LinearizedSystem?
    return try pullBack(cotangents, reusing: &system)
  }

  /// The same, with the analysis of another sample's linear system, which is lost.
  func pullBack(
    _ cotangents: [Matrix<Double>], reusing system: inout LinearizedSystem?
  ) throws(ConvexLayerError) -> ConvexLayerGradient {
    let (derivative, point) = try linearize(reusing: system)
    system = derivative.system
    let form = layer.problem.form
    var primal = Vector<Double>(repeating: 0, count: form.columnCount)
    guard cotangents.count == layer.variables.count else {
      throw .shapeMismatch(
        operand: "the list of cotangents", expected: [layer.variables.count],
        actual: [cotangents.count])
    }
    for (variable, cotangent) in zip(layer.variables, cotangents) {
      let shape = variable.shape
      guard cotangent.rows == shape.rows, cotangent.columns == shape.columns else {
        throw .shapeMismatch(
          operand: "the cotangent of \(variable)", expected: [shape.rows, shape.columns],
          actual: [cotangent.rows, cotangent.columns])
      }
      for (leaf, offset) in form.variables where leaf.id == variable.id {
        for (k, value) in cotangent.elements.enumerated() { primal[offset + k] += value }
      }
    }
    do {
      let gradient = try derivative.pullBack(
        ConeTangent(primal: primal, rowCount: derivative.program.rowCount))
      let numbers = CanonicalForm.Numbers(
        quadratic: gradient.quadratic, linear: gradient.linear.elements,
        constraints: gradient.constraints, rightHandSide: gradient.rightHandSide.elements,
        constant: 0)
      let gradients = form.pullBack(numbers, at: point)
      return ConvexLayerGradient(
        parameters: layer.parameters.map {
          Matrix($0.shape, gradients[$0.id] ?? Array(repeating: 0, count: $0.count))
        }, residual: gradient.residual)
    } catch {
      throw .noDerivative(error)
    }
  }

  /// The direction in which the variables move with the parameters.
  ///
  /// - Parameter tangents: For every parameter of the layer, in its shape.
  /// - Returns: One direction for every variable of the layer.
  /// - Throws: ``ConvexLayerError``.
  public func pushForward(
    _ tangents: [Matrix<Double>]
  ) throws(ConvexLayerError) -> [Matrix<Double>] {
    let (derivative, point) = try linearize(reusing: nil)
    let form = layer.problem.form
    guard tangents.count == layer.parameters.count else {
      throw .shapeMismatch(
        operand: "the list of tangents", expected: [layer.parameters.count],
        actual: [tangents.count])
    }
    var byLeaf: [ObjectIdentifier: [Double]] = [:]
    for (parameter, tangent) in zip(layer.parameters, tangents) {
      let shape = parameter.shape
      guard tangent.rows == shape.rows, tangent.columns == shape.columns else {
        throw .shapeMismatch(
          operand: "the tangent of \(parameter)", expected: [shape.rows, shape.columns],
          actual: [tangent.rows, tangent.columns])
      }
      byLeaf[parameter.id] = tangent.elements
    }
    let numbers = form.pushForward(byLeaf, at: point)
    do {
      let direction = try derivative.pushForward(
        ConeProgramTangent(
          quadratic: numbers.quadratic, linear: Vector(numbers.linear),
          constraints: numbers.constraints, rightHandSide: Vector(numbers.rightHandSide)))
      return layer.variables.map { variable in
        let offset = form.variables.first { $0.leaf.id == variable.id }?.offset ?? 0
        return Matrix(
          variable.shape, Array(direction.primal[offset..<offset + variable.count]))
      }
    } catch {
      throw .noDerivative(error)
    }
  }

  /// The derivative of the cone program, and the point of the parameters.
  private func linearize(
    reusing system: LinearizedSystem?
  ) throws(ConvexLayerError) -> (ConeDerivative, CanonicalForm.ParameterPoint) {
    if let error { throw .refused(error) }
    guard let solution, let program else { throw .refused(.notDifferentiable) }
    let point: CanonicalForm.ParameterPoint
    do throws(ModelingError) {
      point = try layer.problem.form.point(parameters)
    } catch {
      throw .refused(error)
    }
    do throws(ConeDerivativeError) {
      return (try ConeDerivative(program, at: solution, reusing: system), point)
    } catch {
      throw .noDerivative(error)
    }
  }
}

/// The gradient of one sample with respect to the parameters of a ``ConvexLayer``.
public struct ConvexLayerGradient: Sendable, Equatable {
  /// One gradient for every parameter, in its shape.
  public let parameters: [Matrix<Double>]
  /// The relative residual of the adjoint system.
  public let residual: Double
}

/// Why a sample of a ``ConvexLayer`` has no derivative.
@nonexhaustive
public enum ConvexLayerError: Error, Equatable, Sendable {
  /// The values of the parameters were refused.
  case refused(ModelingError)
  /// The solution is none, or has no derivative.
  case noDerivative(ConeDerivativeError)
  /// A cotangent or tangent has not the shape of its variable or parameter.
  case shapeMismatch(operand: String, expected: [Int], actual: [Int])
}

extension ConvexLayerError: CustomStringConvertible {
  /// One line: what is wrong, what to do.
  public var description: String {
    switch self {
    case .refused(let error): error.description
    case .noDerivative(let error): error.description
    case .shapeMismatch(let operand, let expected, let actual):
      "\(operand) has shape \(actual), expected \(expected)"
    }
  }
}
