/// The values that the tape keeps for a pullback: what it reads, and no more.
///
/// Everything else is let go as soon as nobody computes with it. What a pullback reads beyond this is
/// not lost: ``Application/inputs`` and ``Application/output`` compute it again.
public struct KeptValues: Sendable, Equatable {
  /// The indices of the operands; nil for all of them.
  let inputs: Set<Int>?
  let output: Bool

  /// The operands and the result.
  public static let all = KeptValues(inputs: nil, output: true)
  /// Nothing: the pullback reads shapes alone.
  public static let none = KeptValues(inputs: [], output: false)
  /// The result.
  public static let output = KeptValues(inputs: [], output: true)

  /// Some operands, by their indices.
  public static func inputs(_ indices: Set<Int>) -> KeptValues {
    KeptValues(inputs: indices, output: false)
  }

  /// What the pullback of a product of the first two operands reads: the first for the second's
  /// cotangent (and that of a bias that follows) and the second for the first's.
  static func factors(_ inputs: [Tensor]) -> KeptValues {
    var read: Set<Int> = []
    if inputs.dropFirst().contains(where: \.needsGradient) { read.insert(0) }
    if inputs[0].needsGradient { read.insert(1) }
    return .inputs(read)
  }

  func keeps(_ input: Int) -> Bool { inputs?.contains(input) ?? true }
}
