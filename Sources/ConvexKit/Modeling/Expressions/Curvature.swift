/// How an expression bends as a function of the variables, by the rules of disciplined convex
/// programming.
///
/// ```
/// f(g₁, …, g_k) is convex if f is convex and each g_i is affine,
///     or convex where f is nondecreasing in it, or concave where f is nonincreasing        (1)
/// ```
///
/// and concave likewise. A convex function that the rules do not see to be convex is `unknown`.
///
/// - Source: Grant, Boyd & Ye, Disciplined convex programming, 2006.
public enum Curvature: String, Sendable {
  /// No variables.
  case constant
  /// Convex and concave.
  case affine
  /// Bends upward.
  case convex
  /// Bends downward.
  case concave
  /// Neither, as far as the rules can tell.
  case unknown

  /// Convex, affine or constant.
  public var isConvex: Bool { self == .convex || isAffine }
  /// Concave, affine or constant.
  public var isConcave: Bool { self == .concave || isAffine }
  /// Affine or constant.
  public var isAffine: Bool { self == .affine || self == .constant }

  init(convex: Bool, concave: Bool) {
    self = convex && concave ? .affine : convex ? .convex : concave ? .concave : .unknown
  }

  /// Rule (1).
  init(of function: Curvature, _ arguments: [(Curvature, Monotonicity)]) {
    if arguments.allSatisfy({ $0.0 == .constant }) {
      self = .constant
      return
    }
    self.init(
      convex: function.isConvex
        && arguments.allSatisfy { argument, monotonicity in
          argument.isAffine || argument.isConvex && monotonicity.rises
            || argument.isConcave && monotonicity.falls
        },
      concave: function.isConcave
        && arguments.allSatisfy { argument, monotonicity in
          argument.isAffine || argument.isConcave && monotonicity.rises
            || argument.isConvex && monotonicity.falls
        })
  }
}

/// How an atom moves with one of its arguments.
enum Monotonicity: String, Sendable {
  case nondecreasing
  case nonincreasing
  /// Both: the argument has no influence.
  case independent
  case none

  var rises: Bool { self == .nondecreasing || self == .independent }
  var falls: Bool { self == .nonincreasing || self == .independent }

  /// Of a product with a factor of this sign.
  init(factor: Sign) {
    self =
      switch factor {
      case .zero: .independent
      case .nonnegative: .nondecreasing
      case .nonpositive: .nonincreasing
      case .unknown: .none
      }
  }

  /// Of a function of |x|: it rises where x ≥ 0 and falls where x ≤ 0.
  init(even argument: Sign) { self.init(factor: argument == .zero ? .nonnegative : argument) }
}
