/// A convex, concave or affine function of variables and parameters, as it was written.
///
/// Variables, parameters and constants are its leaves, atoms its nodes. Shape, sign and curvature
/// are known from the beginning; the rules are checked when a ``Problem`` is made of it. Shapes that
/// do not fit stop the program at the operation, which is named with both shapes.
///
/// Elements are in column-major order. A number (1 × 1) beside a larger operand of `+`, `-`, `*`, a
/// comparison or an atom by elements stands for all elements.
///
/// (`Foundation` has an `Expression` too: where both are imported, write `ConvexKit.Expression`.)
public class Expression: @unchecked Sendable {
  // Sendable: all properties are constants of Sendable types, and the only subclasses are Variable
  // and Parameter; what Swift cannot see is only that there are no others.
  let shape: Shape
  /// What is known of the sign of all elements.
  public let sign: Sign
  /// How it bends as a function of the variables.
  public let curvature: Curvature
  /// How it depends on parameters, if it has no variables.
  let dependence: ParameterDependence
  let content: Content
  /// The name it was given.
  public let name: String?

  enum Content: Sendable {
    case constant(ConstantData)
    case variable(Variable.Domain)
    case parameter(Parameter.Domain)
    case atom(Atom, [Expression])
    /// A function that is written in terms of others.
    case defined(String, [Expression], as: Expression)
  }

  /// The number of rows.
  public var rows: Int { shape.rows }
  /// The number of columns.
  public var columns: Int { shape.columns }
  /// The number of elements.
  public var count: Int { shape.count }
  /// Whether it is a single number.
  public var isScalar: Bool { shape.isScalar }
  /// Whether it has no variables. It may have parameters.
  public var isConstant: Bool { curvature == .constant }

  init(leaf shape: Shape, sign: Sign, content: Content, name: String?) {
    self.shape = shape
    self.sign = sign
    self.content = content
    self.name = name
    if case .variable = content { curvature = .affine } else { curvature = .constant }
    if case .parameter = content { dependence = .affine } else { dependence = .none }
  }

  convenience init(constant data: ConstantData) {
    self.init(
      leaf: data.shape, sign: Sign(of: data.stored), content: .constant(data), name: nil)
  }

  init(_ atom: Atom, _ arguments: [Expression]) {
    shape = atom.shape(arguments.map(\.shape))
    sign = atom.sign(arguments)
    curvature = Curvature(
      of: atom.curvature(arguments),
      arguments.enumerated().map { ($1.curvature, atom.monotonicity($0, arguments)) })
    dependence = ParameterDependence(of: atom, arguments)
    content = .atom(atom, arguments)
    name = nil
  }

  /// A function of the arguments that is written in terms of others.
  init(
    _ function: String, _ arguments: [Expression], as definition: Expression, sign: Sign? = nil
  ) {
    shape = definition.shape
    self.sign = sign ?? definition.sign
    curvature = definition.curvature
    dependence = definition.dependence
    content = .defined(function, arguments, as: definition)
    name = nil
  }

  /// What it is made of.
  var arguments: [Expression] {
    switch content {
    case .constant, .variable, .parameter: []
    case .atom(_, let arguments): arguments
    case .defined(_, _, let definition): [definition]
    }
  }

  var id: ObjectIdentifier { ObjectIdentifier(self) }
}

/// How an expression without variables depends on parameters.
enum ParameterDependence: Int, Sendable {
  case none
  case affine
  case nonlinear

  init(of atom: Atom, _ arguments: [Expression]) {
    let strongest = arguments.map(\.dependence.rawValue).max() ?? 0
    let dependent = arguments.filter { $0.dependence != .none }.count
    switch atom.kind {
    case .product where dependent <= 1, .linear:
      self = ParameterDependence(rawValue: strongest) ?? .nonlinear
    case .product, .nonlinear: self = strongest == 0 ? .none : .nonlinear
    }
  }
}
