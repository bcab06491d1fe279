/// Turns a checked problem into its canonical form.
///
/// Every expression is replaced by an affine form once, however often it is used: linear atoms
/// rearrange terms, the others put variables and cone rows into the builder.
final class Canonicalizer {
  private let builder: CanonicalBuilder
  private var forms: [ObjectIdentifier: AffineForm] = [:]
  /// The first column of a variable, the first slot of a parameter.
  private var offsets: [ObjectIdentifier: Int] = [:]
  /// The first expression that is not piecewise linear.
  private var nonlinear: Expression?
  private var variables: [(leaf: Expression, offset: Int)] = []
  private var parameters: [(leaf: Expression, offset: Int)] = []

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
    var total = ObjectiveTerms()
    add(objective, weights: AffineForm([factor]), to: &total)
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

  // MARK: The objective

  /// An objective as it is gathered: terms of q and d in one list, and of P.
  private struct ObjectiveTerms {
    var linear: [AffineForm] = []
    var products: [QuadraticForm.Product] = []
  }

  /// Adds Σ_i weight_i · expression_i.
  ///
  /// Weights go down through sums and products, so that quadratic atoms are met where their
  /// coefficient is known.
  private func add(
    _ expression: Expression, weights: AffineForm, to total: inout ObjectiveTerms
  ) {
    if expression.sign == .zero { return }
    switch expression.content {
    case .defined(_, _, let definition) where !expression.isConstant:
      return add(definition, weights: weights, to: &total)
    case .atom(let atom, let arguments) where !expression.isConstant:
      if atom.quadratic != nil { nonlinear = nonlinear ?? expression }
      if add(atom, arguments, weights: weights, to: &total) { return }
    default: break
    }
    total.linear.append(weights.multiplied(by: form(expression), builder).sum)
  }

  /// The same for an atom; false if it has no better way than its form.
  private func add(
    _ atom: Atom, _ arguments: [Expression], weights: AffineForm, to total: inout ObjectiveTerms
  ) -> Bool {
    switch atom.name {
    case Atom.addition.name:
      for argument in arguments {
        let weights = argument.count == weights.count ? weights : weights.sum
        add(argument, weights: weights, to: &total)
      }
      return true
    case Atom.negation.name:
      add(arguments[0], weights: -weights, to: &total)
      return true
    case Atom.sum.name:
      add(arguments[0], weights: weights.broadcast(to: arguments[0].count), to: &total)
      return true
    case Atom.scaling.name, Atom.multiply.name:
      let (factor, other) =
        arguments[0].isConstant ? (arguments[0], arguments[1]) : (arguments[1], arguments[0])
      let product = form(factor).multiplied(by: weights, builder)
      add(other, weights: product.count == other.count ? product : product.sum, to: &total)
      return true
    default:
      guard let quadratic = atom.quadratic else { return false }
      let form = quadratic(arguments.map { self.form($0) }, builder)
      total.linear.append(weights.multiplied(by: form.affine, builder).sum)
      addProducts(form.products, weights, to: &total)
      return true
    }
  }

  private func addProducts(
    _ products: [QuadraticForm.Product], _ weights: AffineForm, to total: inout ObjectiveTerms
  ) {
    var groups: [Int: [AffineForm.Term]] = [:]
    weights.forEachTerm { groups[$0.row, default: []].append($0) }
    for product in products {
      for weight in groups[product.row] ?? [] {
        var weighted = product
        weighted.value *= weight.value
        weighted.slot = builder.product(product.slot, weight.slot)
        total.products.append(weighted)
      }
    }
  }

  // MARK: Assembly

  private func assemble(
    _ objective: ObjectiveTerms, _ integers: [Int],
    _ constraints: [(constraint: Constraint, rows: RowRange)]
  ) -> CanonicalForm {
    var (forms, offsets, cones, count): ([AffineForm], [Int], [Cone], Int) = ([], [], [], 0)
    for (kind, rows) in zip(CanonicalBuilder.Kind.allCases, builder.rows) {
      offsets.append(count)
      forms += rows.forms.map { $0.placed(count: $0.count, offset: count, stride: 1) }
      count += rows.count
      switch kind {
      case .zero: if rows.count > 0 { cones.append(.zero(rows.count)) }
      case .nonnegative: if rows.count > 0 { cones.append(.nonnegative(rows.count)) }
      case .secondOrder, .exponential, .power: cones += rows.cones
      }
    }
    // s = b − A x
    let slack = AffineForm(count: count, parts: forms.flatMap(\.parts))
    var rightHandSide = ParameterMap(count: count)
    slack.forEachTerm {
      if $0.column < 0 { rightHandSide.add($0.value, slot: $0.slot, to: $0.row) }
    }
    let a = CompressedTerms(-slack)
    var linear = ParameterMap(count: builder.columnCount)
    var constant = ParameterMap(count: 1)
    for form in objective.linear {
      form.forEachTerm {
        if $0.column < 0 { constant.add($0.value, slot: $0.slot, to: 0) }
        else { linear.add($0.value, slot: $0.slot, to: Int($0.column)) }
      }
    }
    // ½ xᵀP x: c x_i x_j is P_ij = c, c x_i² is P_ii = 2 c.
    let p = CompressedTerms(
      AffineForm(
        count: builder.columnCount,
        terms: objective.products.map {
          AffineForm.Term(
            row: Int(max($0.first, $0.second)), column: min($0.first, $0.second), slot: $0.slot,
            value: $0.first == $0.second ? 2 * $0.value : $0.value)
        }))
    return CanonicalForm(
      columnCount: builder.columnCount, cones: cones, rowStarts: a.starts,
      columnIndices: a.indices, columnStarts: p.starts, rowIndices: p.indices, quadratic: p.map,
      linear: linear, constraints: a.map, rightHandSide: rightHandSide, constant: constant,
      derived: builder.derived, variables: variables, parameters: parameters, integers: integers,
      constraintRows: Dictionary(
        constraints.map { constraint, range in
          let offset = offsets[range.kind.rawValue]
          return (
            ObjectIdentifier(constraint),
            range.rows.lowerBound + offset..<range.rows.upperBound + offset
          )
        }, uniquingKeysWith: { first, _ in first }))
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
