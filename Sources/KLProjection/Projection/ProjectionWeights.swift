/// The weights of Eq. 4's two terms: w_f KL(μ‖τ) + w_c KL(ν‖ρ).
public struct ProjectionWeights: Sendable, Equatable {
  /// w_f > 0, how much the fine map resists being moved.
  public let fine: Double
  /// w_c > 0, how much the coarse map resists being moved.
  public let coarse: Double

  /// Both weights 1, as in the paper.
  public static let unit = ProjectionWeights(unchecked: 1, 1)

  /// Weights of the fine and the coarse term.
  ///
  /// - Parameters:
  ///   - fine: w_f, above zero and finite.
  ///   - coarse: w_c, above zero and finite.
  /// - Throws: ``ProjectionError`` with the operand `weights`.
  public init(fine: Double, coarse: Double) throws(ProjectionError) {
    try Self.check([fine, coarse])
    self.init(unchecked: fine, coarse)
  }

  private init(unchecked fine: Double, _ coarse: Double) {
    self.fine = fine
    self.coarse = coarse
  }

  /// W = w_f + w_c.
  var total: Double { fine + coarse }
  /// κ = w_f w_c / (w_f + w_c).
  var harmonic: Double { fine / total * coarse }

  static func check(_ weights: [Double]) throws(ProjectionError) {
    for (index, weight) in weights.enumerated() {
      if weight.isNaN { throw .notANumber(operand: "weights", index: index) }
      if weight.isInfinite { throw .infinite(operand: "weights", index: index) }
      if weight <= 0 { throw .notPositive(operand: "weights", index: index, value: weight) }
    }
  }
}
