/// A convex problem as a differentiable function of its parameters.
///
/// ```
/// θ ↦ x(θ) = argmin f(x, θ) over the constraints at θ,     θ° = (∂x/∂θ)ᵀ x°
/// ```
///
/// ```swift
/// let layer = try ConvexLayer(problem, parameters: [returns], variables: [weights])
/// let batch = layer.solve([[first], [second]])
/// let gradients = batch.pullBack([[cotangent], [cotangent]])
/// ```
///
/// Every sample has a status of its own; a sample without a solution costs the others nothing. The
/// derivative is that of the optimality conditions at the solution (``ConeDerivative``), through the
/// problem's canonical form: nothing of the iterations is differentiated.
///
/// - Source: Agrawal et al., "Differentiable convex optimization layers" (NeurIPS 2019).
public struct ConvexLayer: Sendable {
  /// The problem.
  public let problem: Problem
  /// θ, in the order in which values are given.
  public let parameters: [Parameter]
  /// x, in the order in which values are returned.
  public let variables: [Variable]
  /// When a sample counts as solved.
  public let settings: ConeSettings

  /// The ``ConeSettings/aim`` of a layer unless told otherwise.
  public static let aim = 1e-10
  /// The same beside exponential and power cones: a gap of ε leaves errors of √ε in an entropy's x.
  public static let aimOfCurvedCones = 1e-12

  /// A problem as a function of its parameters.
  ///
  /// - Parameters:
  ///   - problem: A problem without integer variables.
  ///   - parameters: All of its parameters, in the order in which values are to be given.
  ///   - variables: The variables whose values are wanted.
  ///   - settings: When a sample counts as solved. By default iterations aim at ``aim``, or at
  ///     ``aimOfCurvedCones``; the derivative is taken at a point that is polished to rounding in any
  ///     case.
  /// - Throws: ``ModelingError``: a parameter of the problem that is not listed, one or a variable
  ///   that the problem does not have, or integer variables.
  public init(
    _ problem: Problem, parameters: [Parameter], variables: [Variable],
    settings: ConeSettings? = nil
  ) throws(ModelingError) {
    let own = Set(problem.parameters.map(\.id))
    for parameter in parameters where !own.contains(parameter.id) {
      throw .unknownParameter(name: parameter.description)
    }
    let listed = Set(parameters.map(\.id))
    for parameter in problem.parameters where !listed.contains(parameter.id) {
      throw .missingValue(name: parameter.description)
    }
    let known = Set(problem.variables.map(\.id))
    for variable in variables where !known.contains(variable.id) {
      throw .unknownVariable(name: variable.description)
    }
    if problem.isInteger { throw .notDifferentiable }
    self.problem = problem
    self.parameters = parameters
    self.variables = variables
    let isCurved = !problem.form.cones.allSatisfy(\.isSymmetric)
    self.settings =
      settings
      ?? ConeSettings(aim: isCurved ? ConvexLayer.aimOfCurvedCones : ConvexLayer.aim)
  }

  /// Solves the problem at every sample.
  ///
  /// - Parameters:
  ///   - batch: For every sample the values of ``parameters``, in their order.
  ///   - threads: The number of threads; nil means ``Parallel/defaultThreadCount``. The results do
  ///     not depend on it.
  /// - Returns: One result per sample.
  public func solve(_ batch: [[Matrix<Double>]], threads: Int? = nil) -> ConvexLayerBatch {
    ConvexLayerBatch(
      samples: Parallel.mapRanges(count: batch.count, threads: threads) { range in
        // One symbolic analysis for the samples of a thread.
        let compiled = CompiledProblem(problem, settings: settings)
        return range.map { ConvexLayerSample(self, batch[$0], compiled) }
      })
  }

  /// The values by parameter.
  func assignment(_ values: [Matrix<Double>]) throws(ModelingError) -> Assignment {
    guard values.count == parameters.count else {
      throw .shapeMismatch(
        operand: "the list of parameters", expected: [parameters.count], actual: [values.count])
    }
    var assignment: Assignment = [:]
    for (parameter, value) in zip(parameters, values) { assignment[parameter] = value }
    return assignment
  }
}
