import KLProjection

/// What the data of a dual layer can have wrong with them.
///
/// Operands are named `fine` (τ or φ), `coarse` (ρ or ψ), `witness` (λ) and
/// `cotangents`. Samples are counted from 0.
@nonexhaustive
public enum DualLayerError: Error, Equatable, Sendable {
  /// A batch that is no whole number of maps.
  case raggedBatch(operand: String, cells: Int, actual: Int)
  /// A batch of another number of samples than the fine maps.
  case sampleCountMismatch(operand: String, expected: Int, actual: Int)
  /// Another number of maps than a hierarchy has.
  case mapCount(expected: Int, actual: Int)
  /// A witness for another number of coarse cells.
  case witnessSize(expected: Int, actual: Int)
  /// Columns of A that do not sum to 1, so that q = Aμ is no distribution and Eq. 6 has no meaning.
  case notColumnStochastic
  /// An α that is not a number above zero.
  case invalidAlpha(Double)
  /// The data of one sample are wrong, or it has no solution to differentiate.
  case sample(Int, ProjectionError)
  /// The penalty of one sample is infinite and has no gradient.
  case infinitePenalty(sample: Int)
}

extension DualLayerError: CustomStringConvertible {
  /// One line that names the operand, the value and the remedy.
  public var description: String {
    switch self {
    case .raggedBatch(let operand, let cells, let actual):
      "\(operand) has \(actual) values, no multiple of the \(cells) cells of a map"
    case .sampleCountMismatch(let operand, let expected, let actual):
      "\(operand) has \(actual) samples, expected \(expected) as in the fine maps"
    case .mapCount(let expected, let actual):
      "there are \(actual) maps, expected \(expected), fine to coarse"
    case .witnessSize(let expected, let actual):
      "the witness has \(actual) cells, expected \(expected) as in the coarse map"
    case .notColumnStochastic:
      "the columns of A do not sum to 1: scale every fine cell's weights, or use the exact penalty"
    case .invalidAlpha(let value):
      "alpha is \(value): it has to be a number above zero"
    case .sample(let index, let error):
      "sample \(index): \(error)"
    case .infinitePenalty(let sample):
      "sample \(sample): the divergence is infinite, because one map is zero where the other is "
        + "not, and has no gradient; give potentials, or leave the sample out"
    }
  }
}
