/// An interval for a row or a variable: lower ≤ value ≤ upper, either of them infinite.
public struct Bounds: Sendable, Equatable {
  /// The least value; −∞ for none.
  public let lower: Double
  /// The greatest value; +∞ for none.
  public let upper: Double

  /// lower ≤ value ≤ upper.
  public init(lower: Double = -.infinity, upper: Double = .infinity) {
    self.lower = lower
    self.upper = upper
  }

  /// Any value.
  public static let free = Bounds()
  /// 0 ≤ value.
  public static let nonnegative = Bounds(lower: 0)

  /// value = `number`.
  public static func equal(to number: Double) -> Bounds { Bounds(lower: number, upper: number) }
  /// value ≥ `number`.
  public static func atLeast(_ number: Double) -> Bounds { Bounds(lower: number) }
  /// value ≤ `number`.
  public static func atMost(_ number: Double) -> Bounds { Bounds(upper: number) }

  /// How far `value` is outside; 0 inside.
  func violation(_ value: Double) -> Double { max(lower - value, value - upper, 0) }
}
