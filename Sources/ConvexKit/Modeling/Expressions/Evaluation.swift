/// The values of expressions at a point, and their derivatives.
///
/// Each node is computed once, however often it is used.
struct Evaluation {
  private var values: [ObjectIdentifier: Matrix<Double>]

  /// At a point that gives every leaf of the expressions a value.
  init(_ leaves: [ObjectIdentifier: Matrix<Double>]) { values = leaves }

  init(_ point: Assignment) { values = point.values.mapValues(\.value) }

  mutating func value(of expression: Expression) -> Matrix<Double> {
    if let known = values[expression.id] { return known }
    let value: Matrix<Double>
    switch expression.content {
    case .constant(let data): return data.matrix
    case .variable, .parameter:
      preconditionFailure("\(expression.description) has no value at this point")
    case .defined(_, _, let definition): value = self.value(of: definition)
    case .atom(let atom, let arguments):
      if atom.kind == .product, case .constant(.sparse(let a)) = arguments[0].content,
        atom.name == Atom.matrixProduct.name
      {
        value = a.times(self.value(of: arguments[1]))
      } else {
        let inputs = arguments.map { self.value(of: $0) }
        value = Matrix(expression.shape, atom.value(inputs))
      }
    }
    values[expression.id] = value
    return value
  }

  /// Adds dxᵀ to the cotangents of the leaves, for an expression's cotangent dy: dx = dy · ∂y/∂x.
  mutating func pullBack(
    _ expression: Expression, _ cotangent: [Double],
    into leaves: inout [ObjectIdentifier: [Double]]
  ) {
    var cotangents = [expression.id: cotangent]
    for node in expression.descendants.reversed() where node.curvature == .constant {
      guard node.dependence != .none, let dy = cotangents[node.id] else { continue }
      switch node.content {
      case .constant: continue
      case .variable, .parameter: add(dy, to: &leaves, node.id)
      case .defined(_, _, let definition): add(dy, to: &cotangents, definition.id)
      case .atom(let atom, let arguments):
        let inputs = arguments.map { value(of: $0) }
        let dx = atom.pullBack(inputs, value(of: node).elements, dy)
        for (argument, dx) in zip(arguments, dx) { add(dx, to: &cotangents, argument.id) }
      }
    }
  }

  /// dy = ∂y/∂x · dx for an expression, from the tangents of the leaves.
  mutating func pushForward(
    _ expression: Expression, _ leaves: [ObjectIdentifier: [Double]]
  ) -> [Double] {
    var tangents: [ObjectIdentifier: [Double]] = [:]
    for node in expression.descendants {
      let zero = [Double](repeating: 0, count: node.count)
      switch node.content {
      case .constant: tangents[node.id] = zero
      case .variable, .parameter: tangents[node.id] = leaves[node.id] ?? zero
      case .defined(_, _, let definition): tangents[node.id] = tangents[definition.id]
      case .atom(let atom, let arguments):
        tangents[node.id] = atom.pushForward(
          arguments.map { value(of: $0) }, value(of: node).elements,
          arguments.map { tangents[$0.id] ?? [] })
      }
    }
    return tangents[expression.id] ?? []
  }

  private func add(
    _ dy: [Double], to sums: inout [ObjectIdentifier: [Double]], _ id: ObjectIdentifier
  ) {
    guard let sum = sums[id] else { return sums[id] = dy }
    sums[id] = zip(sum, dy).map { $0 + $1 }
  }
}

extension Expression {
  /// This expression and all it is made of, each once, what is used before what uses it.
  var descendants: [Expression] { Expression.descendants(of: [self]) }

  /// Expressions and all they are made of, each once, what is used before what uses it.
  static func descendants(of roots: [Expression]) -> [Expression] {
    var order: [Expression] = []
    var seen: Set<ObjectIdentifier> = []
    var stack: [(node: Expression, isOpen: Bool)] = roots.reversed().map { ($0, false) }
    while let (node, isOpen) = stack.popLast() {
      if isOpen {
        order.append(node)
      } else if seen.insert(node.id).inserted {
        stack.append((node, true))
        for argument in node.arguments.reversed() { stack.append((argument, false)) }
      }
    }
    return order
  }

  /// The value at a point.
  ///
  /// - Parameter point: A value of its shape for every variable and parameter of the expression.
  /// - Returns: The value.
  /// - Throws: ``ModelingError/missingValue(name:)``, ``ModelingError/shapeMismatch(operand:expected:actual:)``.
  public func value(at point: Assignment = [:]) throws(ModelingError) -> Matrix<Double> {
    for node in descendants {
      switch node.content {
      case .constant, .atom, .defined: continue
      case .variable, .parameter:
        guard let value = point[node] else { throw .missingValue(name: node.description) }
        try node.check(shapeOf: value)
      }
    }
    var evaluation = Evaluation(point)
    return evaluation.value(of: self)
  }

  /// A leaf's value has the leaf's shape.
  func check(shapeOf value: Matrix<Double>) throws(ModelingError) {
    if value.shape != shape {
      throw .shapeMismatch(
        operand: description, expected: [rows, columns], actual: [value.rows, value.columns])
    }
  }
}

extension SparseMatrix where Scalar == Double {
  /// A X, column by column.
  func times(_ x: Matrix<Double>) -> Matrix<Double> {
    var elements: [Double] = []
    for column in 0..<x.columns {
      elements += (self * Vector(x.elements[column * x.rows..<(column + 1) * x.rows])).elements
    }
    return Matrix(rows: rows, columns: x.columns, elements: elements)
  }
}
