/// A part of a network: its stored properties are its architecture, and their names the names of
/// its parameters.
///
/// A property path names a parameter as PyTorch does: dots between the levels, array elements by
/// their index, and the properties' own names with capitals written `_lowercase`
/// (`layer3[0].conv1.weight` is `layer3.0.conv1.weight`, `runningMean` is `running_mean`).
/// Parameters, buffers, modules, optionals of them and arrays of modules are found; other
/// properties are settings.
public protocol Module: Sendable {}

extension Module {
  /// The parameters with their names, in the order of the properties; a shared cell once, under
  /// its first name.
  public func namedParameters() -> [(name: String, parameter: Parameter)] {
    var walk = ModuleWalk()
    walk.visit(self, path: "")
    return walk.parameters
  }

  /// The buffers with their names, in the order of the properties; a shared cell once, under its
  /// first name.
  public func namedBuffers() -> [(name: String, buffer: Buffer)] {
    var walk = ModuleWalk()
    walk.visit(self, path: "")
    return walk.buffers
  }

  /// The modes of the layers that behave differently in training, with their paths.
  package func namedModes() -> [(name: String, mode: Mode)] {
    var walk = ModuleWalk()
    walk.visit(self, path: "")
    return walk.modes
  }

  /// The parameters.
  public var parameters: [Parameter] { namedParameters().map(\.parameter) }

  /// Freezes or unfreezes every parameter of this module.
  public func setTrainable(_ isTrainable: Bool) {
    for parameter in parameters { parameter.isTrainable = isTrainable }
  }

  /// Switches the layers that behave differently in training (batch norm, dropout).
  public func setTraining(_ isTraining: Bool) {
    for (_, mode) in namedModes() { mode.isTraining = isTraining }
  }

  /// Forgets the gradients.
  public func clearGradients() {
    for parameter in parameters { parameter.gradient = nil }
  }
}

/// A walk over a module's properties.
private struct ModuleWalk {
  var parameters: [(name: String, parameter: Parameter)] = []
  var buffers: [(name: String, buffer: Buffer)] = []
  var modes: [(name: String, mode: Mode)] = []
  private var seen: Set<ObjectIdentifier> = []

  mutating func visit(_ value: Any, path: String) {
    switch value {
    case let parameter as Parameter:
      if isNew(parameter) { parameters.append((path, parameter)) }
    case let buffer as Buffer:
      if isNew(buffer) { buffers.append((path, buffer)) }
    case let mode as Mode:
      if isNew(mode) { modes.append((path, mode)) }
    default:
      let mirror = Mirror(reflecting: value)
      switch mirror.displayStyle {
      case .optional:
        if let wrapped = mirror.children.first { visit(wrapped.value, path: path) }
      case .collection:
        for (index, child) in mirror.children.enumerated() {
          visit(child.value, path: join(path, String(index)))
        }
      default:
        guard value is any Module else { return }
        for child in mirror.children {
          visit(child.value, path: join(path, snakeCase(child.label ?? "")))
        }
      }
    }
  }

  private mutating func isNew(_ cell: AnyObject) -> Bool {
    seen.insert(ObjectIdentifier(cell)).inserted
  }

  private func join(_ path: String, _ name: String) -> String {
    path.isEmpty ? name : path + "." + name
  }

  private func snakeCase(_ label: String) -> String {
    var name = ""
    for character in label {
      if character.isUppercase {
        name += "_" + character.lowercased()
      } else {
        name.append(character)
      }
    }
    return name
  }
}
