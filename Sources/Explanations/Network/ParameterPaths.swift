import Networks

/// The paths of a module's parameters.
struct ParameterPaths: Sendable {
  private let paths: [ObjectIdentifier: String]

  init(_ module: any Module) {
    let named = module.namedParameters()
    paths = Dictionary(
      uniqueKeysWithValues: named.map { (ObjectIdentifier($0.parameter), $0.name) })
  }

  /// The path of a parameter of the module.
  subscript(parameter: Parameter) -> String? { paths[ObjectIdentifier(parameter)] }

  /// The path of the layer that an application belongs to: that of its first parameter without the
  /// parameter's own name. Nil for an application without parameters.
  func path(of application: Application) -> String? {
    for operand in application.operands {
      guard let name = operand.parameter.flatMap({ self[$0] }) else { continue }
      return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
    }
    return nil
  }

  /// Whether a path is `ancestor` or lies below it.
  static func lies(_ path: String, below ancestor: String) -> Bool {
    path == ancestor || path.hasPrefix(ancestor + ".")
  }
}
