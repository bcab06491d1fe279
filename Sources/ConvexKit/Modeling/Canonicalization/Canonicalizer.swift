/// Turns a checked problem into its canonical form.
///
/// Every expression is replaced by an affine form once, however often it is used: linear atoms
/// rearrange terms, the others put variables and cone rows into the builder.
final class Canonicalizer {
  let builder: CanonicalBuilder
  private var forms: [ObjectIdentifier: AffineForm] = [:]
  /// The first column of a variable, the first slot of a parameter.
  private var offsets: [ObjectIdentifier: Int] = [:]
  /// The first expression that is not piecewise linear.
  var nonlinear: Expression?
  private(set) var variables: [(leaf: Expression, offset: Int)] = []
  private(set) var parameters: [(leaf: Expression, offset: Int)] = []

  /// - Parameter nodes: All expressions of the problem, each once.
  init(_ nodes: [Expression]) {
    var (columns, slots) = (0, 0)
    for node in nodes {
      switch node.content {
      case .variable:
        variables.append((node, columns))
        offsets[node.id] = columns
        forms[node.id] = AffineForm(columns: columns, 0..<node.count)
        columns += node.count
      case .parameter:
        parameters.append((node, slots))
        offsets[node.id] = slots
        forms[node.id] = AffineForm(slots: slots, 0..<node.count)
        slots += node.count
      case .constant, .atom, .defined: continue
      }
    }
    builder = CanonicalBuilder(columnCount: columns, slotCount: slots)
  }

  /// The canonical form.
  ///
  /// - Parameters:
  ///   - objective: A number.
  ///   - factor: 1 to minimize it, −1 to maximize it.
  ///   - constraints: The constraints.
  /// - Returns: The form.
  /// - Throws: ``ModelingError`` where an atom has no form in its place.
  func canonicalForm(
    _ objective: Expression, factor: Double, _ constraints: [Constraint]
  ) throws(ModelingError) -> CanonicalForm {
    var integers: [Int] = []
    for (leaf, offset) in variables {
      let form = AffineForm(columns: offset, 0..<leaf.count)
      guard case .variable(let domain) = leaf.content else { continue }
      switch domain {
      case .real: break
      case .nonnegative: builder.nonnegative(form)
      case .nonpositive: builder.nonnegative(-form)
      case .integer: integers += offset..<offset + leaf.count
      case .boolean:
        integers += offset..<offset + leaf.count
        builder.nonnegative(form)
        builder.nonnegative(AffineForm([1]) - form)
      }
    }
    let rows = constraints.map { constraint in
      let slack = form(constraint.greater) - form(constraint.lesser)
      return constraint.relation == .equal ? builder.zero(slack) : builder.nonnegative(slack)
    }
    let total = objectiveTerms(objective, factor: factor)
    if let refusal = builder.refusal { throw refusal }
    if variables.allSatisfy({ $0.leaf.count == 0 }) { throw .noVariables }
    if !integers.isEmpty, let nonlinear {
      throw .nonlinearInteger(expression: nonlinear.description)
    }
    return assemble(total, integers, Array(zip(constraints, rows)))
  }

  // MARK: Forms

  /// What stands for an expression in the program.
  func form(_ expression: Expression) -> AffineForm {
    if let form = forms[expression.id] { return form }
    let form: AffineForm
    switch expression.content {
    case .variable, .parameter: preconditionFailure("\(expression) is not among the nodes")
    case .constant(let data): return AffineForm(data)
    case .defined(_, _, let definition): form = self.form(definition)
    case .atom(let atom, let arguments): form = self.form(atom, arguments, of: expression)
    }
    forms[expression.id] = form
    return form
  }

  private func form(
    _ atom: Atom, _ arguments: [Expression], of expression: Expression
  ) -> AffineForm {
    if expression.sign == .zero { return AffineForm(count: expression.count) }
    switch atom.kind {
    case .linear:
      if let places = atom.places, let form = selection(of: arguments, places) { return form }
      return atom.canonical(arguments.map { form($0) }, builder)
    case .product where arguments.contains { $0.dependence == .none && $0.isConstant }:
      return product(atom, arguments, expression.count)
    case .product where !expression.isConstant: return product(atom, arguments, expression.count)
    case .product, .nonlinear:
      if expression.isConstant {
        if expression.dependence != .none { return builder.slots(of: expression) }
        var evaluation = Evaluation([:])
        return AffineForm(evaluation.value(of: expression).elements)
      }
      let inputs = arguments.map { form($0) }
      defer { if nonlinear == nil, !builder.isLinear { nonlinear = expression } }
      return atom.canonical(inputs, builder)
    }
  }

  /// Elements of a single leaf, without a look at the others.
  private func selection(of arguments: [Expression], _ places: [Int]) -> AffineForm? {
    guard arguments.count == 1, let first = offsets[arguments[0].id] else { return nil }
    if case .variable = arguments[0].content { return AffineForm(columns: first, places) }
    return AffineForm(slots: first, places)
  }

  /// A product, of a factor without variables and any form.
  private func product(_ atom: Atom, _ arguments: [Expression], _ count: Int) -> AffineForm {
    let (a, b) = (arguments[0], arguments[1])
    // Of two factors without variables at most one has parameters.
    let aIsFactor = a.isConstant && (!b.isConstant || a.dependence == .none)
    if atom.name != Atom.matrixProduct.name {
      let (factor, other) = aIsFactor ? (a, b) : (b, a)
      return form(factor).multiplied(by: form(other), builder)
    }
    let (m, k) = (a.rows, a.columns)
    if aIsFactor {
      if case .constant(.dense(let matrix)) = a.content {
        return AffineForm(matrix, times: form(b))
      }
      let factors = Coefficients(form(a), groups: k) { ($0 / m, $0 % m) }
      return factors.times(form(b), count: count, builder) { ($0 % k, $0 / k * m) }
    }
    let factors = Coefficients(form(b), groups: k) { ($0 % k, $0 / k * m) }
    return factors.times(form(a), count: count, builder) { ($0 / m, $0 % m) }
  }
}

extension AffineForm {
  /// The numbers of a constant that are not 0.
  init(_ data: ConstantData) {
    switch data {
    case .dense(let matrix): self.init(matrix.elements)
    case .sparse(let matrix):
      var terms: [Term] = []
      terms.reserveCapacity(matrix.values.count)
      for row in 0..<matrix.rows {
        for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
          terms.append(
            Term(
              row: row + matrix.columnIndices[entry] * matrix.rows, column: -1, slot: -1,
              value: matrix.values[entry]))
        }
      }
      self.init(count: matrix.rows * matrix.columns, terms: terms)
    }
  }
}
