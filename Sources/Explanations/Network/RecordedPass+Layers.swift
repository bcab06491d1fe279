import Networks

extension RecordedPass {
  /// The value of a layer: a tensor that was given this name, or the last application that uses a
  /// parameter at or below this path.
  func layer(_ path: String) throws(ExplanationError) -> Tensor {
    if let named = output.tensors[path] {
      guard named.application != nil else { throw unknown(path) }
      return named
    }
    guard let last = lastApplication(below: path) else { throw unknown(path) }
    return try value(of: last, path)
  }

  /// A parameter with which a tape begins that begins at a layer of this path: one that the layer's
  /// last application uses, if no earlier one does.
  func entry(_ path: String) -> Parameter? {
    guard output.tensors[path] == nil, let last = lastApplication(below: path) else { return nil }
    let own = last.operands.compactMap(\.parameter).first
    let uses = tape.count { application in
      application.operands.contains { $0.parameter != nil && $0.parameter === own }
    }
    return uses == 1 ? own : nil
  }

  private func lastApplication(below path: String) -> Application? {
    tape.last { application in
      application.operands.contains { operand in
        guard let name = operand.parameter.flatMap({ paths[$0] }) else { return false }
        return ParameterPaths.lies(name, below: path)
      }
    }
  }

  /// The tensor that an application computed, with its place on the tape: as an operand of a later one.
  private func value(of application: Application, _ path: String) throws(ExplanationError) -> Tensor
  {
    if output.scores.application === application { return output.scores }
    for later in tape {
      for input in later.inputs where input.application === application { return input }
    }
    throw unknown(path)
  }

  private func unknown(_ path: String) -> ExplanationError {
    var known: [String] = []
    for path in tape.compactMap(paths.path(of:)) where !known.contains(path) { known.append(path) }
    return .unknownLayer(path: path, known: output.tensors.keys.sorted() + known)
  }
}
