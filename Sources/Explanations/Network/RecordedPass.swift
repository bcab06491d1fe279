import Networks

/// A pass of a network over images, with its tape.
struct RecordedPass: Sendable {
  /// The images.
  let input: Tensor
  let output: ExplainedNetwork.Output
  /// The applications in the order in which they were made.
  let tape: [Application]
  let paths: ParameterPaths

  init(input: Tensor, output: ExplainedNetwork.Output, paths: ParameterPaths) {
    self.input = input
    self.output = output
    self.paths = paths
    tape = output.scores.tape()
  }

  /// Refuses layers that behave as in training.
  func checkEvaluation() throws(ExplanationError) {
    for application in tape {
      let isTraining =
        if let settings = application.attributes as? BatchNormalization,
          case .batch = settings.statistics
        {
          true
        } else {
          application.primitive == Primitives.dropout.name
        }
      if isTraining {
        throw .inTraining(layer: paths.path(of: application) ?? application.primitive)
      }
    }
  }

  /// Refuses primitives that a method has no rule for.
  func check(
    _ method: String, _ verdict: (Application) -> Verdict?
  ) throws(ExplanationError) {
    for application in tape {
      switch verdict(application) {
      case .rule: continue
      case .refusal(let reason):
        throw .noRule(
          method: method, primitive: application.primitive, path: paths.path(of: application),
          reason: reason)
      case nil:
        throw .noRule(
          method: method, primitive: application.primitive, path: paths.path(of: application),
          reason: "the method does not know it")
      }
    }
  }

  /// The classes that are explained and their scores.
  func scores(_ target: Target) throws(ExplanationError) -> (classes: [Int], scores: [Float]) {
    try output.scores.scores(target)
  }

  /// One row per sample with 1 at its class, the cotangent of the scores' sum.
  func seed(_ classes: [Int]) -> Tensor {
    let width = output.scores.shape[1]
    return Tensor(shape: output.scores.shape) { seed in
      seed.update(repeating: 0)
      for (row, index) in classes.enumerated() { seed[row * width + index] = 1 }
    }
  }
}

extension Tensor {
  /// The classes that are explained and their scores, which must be finite.
  func scores(_ target: Target) throws(ExplanationError) -> (classes: [Int], scores: [Float]) {
    guard rank == 2 else {
      throw .shapeMismatch(operand: "scores", expected: [shape.first ?? 1, -1], actual: shape)
    }
    let elements = elements
    for (index, score) in elements.enumerated() where !score.isFinite {
      throw .nonFiniteScore(sample: index / shape[1])
    }
    let classes = try target.classes(self)
    return (classes, classes.enumerated().map { elements[$0 * shape[1] + $1] })
  }
}
