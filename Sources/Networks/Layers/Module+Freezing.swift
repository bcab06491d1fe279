extension Module {
  /// Takes every parameter of this module off the tape, and its batch norms out of training.
  ///
  /// A frozen batch norm uses its running statistics and leaves them alone, whatever
  /// ``setTraining(_:)`` says: otherwise a backbone that is not trained would still move with the
  /// data it sees.
  ///
  /// - Parameter movingStatistics: Whether batch norms are left in training: they normalize by
  ///   the batch and go on averaging, as PyTorch's do when only gradients are switched off.
  public func freeze(movingStatistics: Bool = false) {
    setTrainable(false)
    for (_, mode) in namedModes() { mode.isFrozen = !movingStatistics }
  }

  /// Undoes ``freeze(movingStatistics:)``.
  public func unfreeze() {
    setTrainable(true)
    for (_, mode) in namedModes() { mode.isFrozen = false }
  }

  /// Freezes the parts of this module at the given paths, and all that lies below them.
  ///
  /// ```swift
  /// model.freeze(under: ["encoder1", "encoder2.enc2norm1"])
  /// ```
  ///
  /// - Parameters:
  ///   - paths: Paths as in the names of parameters, each the path of at least one.
  ///   - movingStatistics: Whether batch norms are left in training.
  public func freeze(under paths: [String], movingStatistics: Bool = false) {
    let parameters = namedParameters()
    for path in paths {
      let found = parameters.filter { Self.lies($0.name, under: path) }
      precondition(!found.isEmpty, "freeze: there is no parameter at \(path)")
      for (_, parameter) in found { parameter.isTrainable = false }
      for (name, mode) in namedModes() where Self.lies(name, under: path) {
        mode.isFrozen = !movingStatistics
      }
    }
  }

  private static func lies(_ name: String, under path: String) -> Bool {
    name == path || name.hasPrefix(path + ".")
  }
}
