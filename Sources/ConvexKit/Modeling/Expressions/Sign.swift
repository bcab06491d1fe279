/// What is known of the sign of an expression's elements.
public enum Sign: String, Sendable {
  /// All are 0.
  case zero
  /// All are at least 0.
  case nonnegative
  /// All are at most 0.
  case nonpositive
  /// Nothing is known.
  case unknown

  var isNonnegative: Bool { self == .nonnegative || self == .zero }
  var isNonpositive: Bool { self == .nonpositive || self == .zero }

  init(nonnegative: Bool, nonpositive: Bool) {
    self =
      nonnegative && nonpositive
      ? .zero : nonnegative ? .nonnegative : nonpositive ? .nonpositive : .unknown
  }

  /// The sign of numbers.
  init(of numbers: [Double]) {
    self.init(
      nonnegative: numbers.allSatisfy { $0 >= 0 }, nonpositive: numbers.allSatisfy { $0 <= 0 })
  }

  static prefix func - (a: Sign) -> Sign {
    Sign(nonnegative: a.isNonpositive, nonpositive: a.isNonnegative)
  }

  static func + (a: Sign, b: Sign) -> Sign {
    Sign(
      nonnegative: a.isNonnegative && b.isNonnegative,
      nonpositive: a.isNonpositive && b.isNonpositive)
  }

  static func * (a: Sign, b: Sign) -> Sign {
    if a == .zero || b == .zero { return .zero }
    if a == .unknown || b == .unknown { return .unknown }
    return a == b ? .nonnegative : .nonpositive
  }
}
