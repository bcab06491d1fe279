import ConvexKit

/// Drops random elements in training, and nothing in evaluation.
///
/// The caller brings the generator, so that a run that is resumed draws what it would have drawn.
public struct Dropout: Module {
  /// The share that is dropped.
  public let probability: Float
  /// Whether anything is dropped.
  public let mode = Mode()

  /// A layer that drops the given share, in [0, 1).
  public init(probability: Float) {
    precondition((0..<1).contains(probability), "Dropout: a probability of \(probability)")
    self.probability = probability
  }

  /// A tensor of x's shape.
  public func callAsFunction(_ x: Tensor, using generator: inout SeededGenerator) -> Tensor {
    guard mode.isTraining, probability > 0 else { return x }
    let mask = Tensor(shape: x.shape) { mask in
      for i in mask.indices { mask[i] = generator.uniform() < Double(probability) ? 0 : 1 }
    }
    return x.dropout(mask: mask, probability: probability)
  }
}
