/// The rules of disciplined convex programming for whole problems, and why one is broken.
enum Rules {
  /// The objective is convex, or concave where it is maximized.
  static func check(
    objective: Expression, maximize: Bool
  ) throws(ModelingError) {
    guard objective.isScalar else {
      throw .objectiveNotScalar(
        expression: objective.description, shape: [objective.rows, objective.columns])
    }
    let holds = maximize ? objective.curvature.isConcave : objective.curvature.isConvex
    if holds { return }
    try explainUnknown(objective)
    throw .brokenRule(
      expression: objective.description,
      reason: maximize
        ? "a maximized objective must be concave; this one is convex"
        : "a minimized objective must be convex; this one is concave")
  }

  /// Equalities are between affine expressions, inequalities say convex ≤ concave.
  static func check(_ constraint: Constraint) throws(ModelingError) {
    let (lesser, greater) = (constraint.lesser, constraint.greater)
    if constraint.relation == .equal {
      for side in [lesser, greater] where !side.curvature.isAffine {
        try explainUnknown(side)
        throw .brokenRule(
          expression: constraint.description,
          reason: "an equality needs affine expressions on both sides; "
            + "\(side) is \(side.curvature.rawValue)")
      }
    }
    for (side, holds, wanted, place) in [
      (lesser, lesser.curvature.isConvex, "convex", "smaller"),
      (greater, greater.curvature.isConcave, "concave", "greater"),
    ] where !holds {
      try explainUnknown(side)
      throw .brokenRule(
        expression: constraint.description,
        reason: "the \(place) side of an inequality must be \(wanted); "
          + "\(side) is \(side.curvature.rawValue)")
    }
  }

  /// Throws what makes a curvature unknown; returns where it is known.
  private static func explainUnknown(_ expression: Expression) throws(ModelingError) {
    if expression.curvature != .unknown { return }
    let (offender, reason) = offender(in: expression)
    throw .brokenRule(expression: offender.description, reason: reason)
  }

  /// The deepest sub-expression, as the user wrote it, of unknown curvature.
  private static func offender(in expression: Expression) -> (Expression, String) {
    switch expression.content {
    case .constant, .variable, .parameter: return (expression, "")
    case .defined(let name, let arguments, let definition):
      if let inner = arguments.first(where: { $0.curvature == .unknown }) {
        return offender(in: inner)
      }
      if name == "/" {
        return (expression, "the divisor \(arguments[1]) has variables; see inversePositive")
      }
      return (expression, offender(in: definition).1)
    case .atom(let atom, let arguments):
      if let inner = arguments.first(where: { $0.curvature == .unknown }) {
        return offender(in: inner)
      }
      return (expression, reason(atom, arguments))
    }
  }

  private static func reason(_ atom: Atom, _ arguments: [Expression]) -> String {
    if atom.kind == .product {
      guard let variable = arguments.first(where: { !$0.isConstant }),
        let constant = arguments.first(where: { $0.isConstant })
      else {
        return "a product of two expressions with variables is neither convex nor concave"
          + (arguments[0] === arguments[1] ? "; write square" : "")
      }
      return "a product of \(variable), which is \(variable.curvature.rawValue), with \(constant), "
        + "whose sign is unknown"
    }
    if atom.name == Atom.addition.name {
      let convex = arguments.first { $0.curvature == .convex }
      let concave = arguments.first { $0.curvature == .concave }
      return "a sum of the convex term \(convex?.description ?? "") and the concave term "
        + "\(concave?.description ?? "") is neither"
    }
    if atom.name == Atom.quadForm.name { return quadFormReason(arguments) }
    let curvature = atom.curvature(arguments)
    for (index, argument) in arguments.enumerated() where !argument.curvature.isAffine {
      let monotonicity = atom.monotonicity(index, arguments)
      let one = Curvature(of: curvature, [(argument.curvature, monotonicity)])
      if one != .unknown { continue }
      let movement = monotonicity == .none ? "not monotone" : monotonicity.rawValue
      return "\(atom.name) is \(curvature.rawValue) and \(movement) here; its argument \(argument) "
        + "is \(argument.curvature.rawValue)"
    }
    return "\(atom.name) of these arguments is neither convex nor concave"
  }

  private static func quadFormReason(_ arguments: [Expression]) -> String {
    if !arguments[1].isConstant { return "the matrix of a quadratic form cannot have variables" }
    if !arguments[0].curvature.isAffine { return "the vector of a quadratic form must be affine" }
    return arguments[1].dependence == .none
      ? "the matrix of the quadratic form is neither positive nor negative semidefinite"
      : "the matrix of the quadratic form is not known to be semidefinite; declare its parameters "
        + "positiveSemidefinite"
  }
}
