/// What a method has for a primitive.
public enum Verdict: Sendable, Equatable {
  /// A rule.
  case rule
  /// None, and why.
  case refusal(String)

  /// The reason for a primitive that belongs to a loss.
  static let loss = Verdict.refusal("it belongs to a loss; explain the scores")
  /// The reason for a primitive that only training has.
  static let training = Verdict.refusal("it is random; explain the network in evaluation")
}
