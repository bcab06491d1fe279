/// Values for parameters, or for variables where an expression is evaluated at a point.
///
/// ```swift
/// problem.solve(parameters: [radius: 2, prices: Vector([1, 3, 2])])
/// ```
public struct Assignment: Sendable, ExpressibleByDictionaryLiteral {
  private(set) var values: [ObjectIdentifier: (leaf: Expression, value: Matrix<Double>)] = [:]

  /// Values listed as `[leaf: value]`; the last of several for one leaf counts.
  ///
  /// - Parameter elements: Variables or parameters with their values.
  public init(dictionaryLiteral elements: (Expression, any Constant)...) {
    for (leaf, value) in elements { self[leaf] = value.matrix }
  }

  /// The value of a variable or parameter; nil for none.
  public subscript(leaf: Expression) -> Matrix<Double>? {
    get { values[leaf.id]?.value }
    set { values[leaf.id] = newValue.map { (leaf, $0) } }
  }
}

extension Matrix where Scalar == Double {
  var shape: Shape { Shape(rows: rows, columns: columns) }

  init(_ shape: Shape, _ elements: [Double]) {
    self.init(rows: shape.rows, columns: shape.columns, elements: elements)
  }
}
