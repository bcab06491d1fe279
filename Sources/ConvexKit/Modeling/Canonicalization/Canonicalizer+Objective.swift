extension Canonicalizer {
  /// An objective as it is gathered: terms of q and d, and of P.
  struct ObjectiveTerms {
    var linear: [AffineForm] = []
    var products: [QuadraticForm.Product] = []
  }

  /// The objective as Σ_i weight_i · element_i over the expressions it is made of.
  ///
  /// ```
  /// weight of an argument  +=  (linear map of the atom)ᵀ · weight of the atom              (1)
  /// ```
  ///
  /// Weights go down through sums and products like gradients, what uses an expression before the
  /// expression, so that quadratic atoms are met once and where their coefficient is known.
  func objectiveTerms(_ objective: Expression, factor: Double) -> ObjectiveTerms {
    var total = ObjectiveTerms()
    var weights = [objective.id: AffineForm([factor])]
    for node in objective.descendants.reversed() {
      guard let weight = weights[node.id], node.sign != .zero else { continue }
      let passed = node.isConstant ? nil : passed(weight, through: node)
      for (argument, weight) in passed ?? [] {
        weights[argument.id] = weights[argument.id].map { $0 + weight } ?? weight
      }
      if passed == nil { add(node, weight, to: &total) }
    }
    return total
  }

  /// (1), for nodes that are linear in arguments that may be quadratic; nil for others.
  private func passed(
    _ weight: AffineForm, through node: Expression
  ) -> [(Expression, AffineForm)]? {
    guard case .atom(let atom, let arguments) = node.content else {
      if case .defined(_, _, let definition) = node.content { return [(definition, weight)] }
      return nil
    }
    switch atom.name {
    case Atom.addition.name:
      return arguments.map { ($0, $0.count == weight.count ? weight : weight.sum) }
    case Atom.negation.name: return [(arguments[0], -weight)]
    case Atom.sum.name: return [(arguments[0], weight.broadcast(to: arguments[0].count))]
    case Atom.scaling.name, Atom.multiply.name:
      let (factor, other) =
        arguments[0].isConstant ? (arguments[0], arguments[1]) : (arguments[1], arguments[0])
      let product = form(factor).multiplied(by: weight, builder)
      return [(other, product.count == other.count ? product : product.sum)]
    default: return nil
    }
  }

  /// Adds weightᵀ expression, with terms of P where the atom has them.
  private func add(
    _ expression: Expression, _ weight: AffineForm, to total: inout ObjectiveTerms
  ) {
    guard !expression.isConstant, case .atom(let atom, let arguments) = expression.content,
      let quadratic = atom.quadratic
    else {
      total.linear.append(weight.multiplied(by: form(expression), builder).sum)
      return
    }
    nonlinear = nonlinear ?? expression
    let form = quadratic(arguments.map { self.form($0) }, builder)
    total.linear.append(weight.multiplied(by: form.affine, builder).sum)
    var groups: [Int: [AffineForm.Term]] = [:]
    weight.forEachTerm { groups[$0.row, default: []].append($0) }
    for product in form.products {
      for weight in groups[product.row] ?? [] {
        var weighted = product
        weighted.value *= weight.value
        weighted.slot = builder.product(product.slot, weight.slot)
        total.products.append(weighted)
      }
    }
  }
}
