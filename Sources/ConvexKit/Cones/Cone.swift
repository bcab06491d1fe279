/// A convex cone: one block of the rows of a ``ConeProgram``.
///
/// ```
/// zero(d)            {0}ᵈ
/// nonnegative(d)     {s : s ≥ 0}
/// secondOrder(d)     {(t, u) : t ≥ ‖u‖₂},  t a number, u of d − 1; d = 1 is the half-line
/// exponential        closure of {(x, y, z) : y > 0, y e^{x/y} ≤ z}
/// power(α)           {(x, y, z) : xᵅ y^{1−α} ≥ |z|, x, y ≥ 0},  0 < α < 1
/// ```
///
/// This is the order of coordinates everywhere in the package; other libraries have others for the
/// exponential cone.
public enum Cone: Sendable, Hashable {
  /// Equality: {0}ᵈ. Its dual is all of ℝᵈ.
  case zero(Int)
  /// The nonnegative orthant; its own dual.
  case nonnegative(Int)
  /// The second-order cone; its own dual.
  case secondOrder(Int)
  /// The exponential cone. Its dual is the closure of {(u, v, w) : u < 0, −u e^{v/u} ≤ e w}.
  case exponential
  /// The power cone. Its dual is {(u, v, w) : (u/α)ᵅ (v/(1−α))^{1−α} ≥ |w|, u, v ≥ 0}.
  case power(alpha: Double)

  /// The number of rows that the cone takes.
  public var dimension: Int {
    switch self {
    case .zero(let dimension), .nonnegative(let dimension), .secondOrder(let dimension): dimension
    case .exponential, .power: 3
    }
  }

  /// Whether Nesterov's and Todd's scaling is at hand: no cone has it that is not its own dual.
  var isSymmetric: Bool {
    switch self {
    case .zero, .nonnegative, .secondOrder: true
    case .exponential, .power: false
    }
  }
}
