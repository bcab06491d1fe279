import RealModule

extension Atom {
  /// ‖x‖₂:  (t, x) ∈ second-order cone.
  static let norm2 = Atom.reduction(
    "norm2", .convex, sign: { _ in .nonnegative }, monotonicity: { Monotonicity(even: $0) },
    value: { Vector($0).euclideanNorm }, gradient: { x, y in x.map { y > 0 ? $0 / y : 0 } }
  ) { x, builder in
    let t = builder.variables(1)
    builder.secondOrder(t, x)
    return t
  }

  /// max_i |x_i|:  t − x ≥ 0, t + x ≥ 0.
  static let normInf = Atom.reduction(
    "normInf", .convex, sign: { _ in .nonnegative }, monotonicity: { Monotonicity(even: $0) },
    value: { Vector($0).infinityNorm },
    gradient: { x, y in
      let largest = x.firstIndex { Swift.abs($0) == y }
      return x.indices.map { $0 == largest ? (x[$0] < 0 ? -1 : 1) : 0 }
    }
  ) { x, builder in
    let t = builder.variables(1)
    builder.nonnegative(t - x)
    builder.nonnegative(t + x)
    return t
  }

  /// (Σ |x_i|ᵖ)^{1/p}, p > 1:  (u_i, t, x_i) ∈ power cone of 1/p, Σ u = t.
  static func norm(_ p: Double) -> Atom {
    Atom.reduction(
      "norm", .convex, sign: { _ in .nonnegative }, monotonicity: { Monotonicity(even: $0) },
      value: { x in
        let scale = Vector(x).infinityNorm
        return scale > 0
          ? scale * .pow(x.reduce(0) { $0 + .pow(Swift.abs($1) / scale, p) }, 1 / p) : scale
      },
      gradient: { x, y in
        x.map { y > 0 ? ($0 < 0 ? -1 : 1) * .pow(Swift.abs($0) / y, p - 1) : 0 }
      }
    ) { x, builder in
      let (t, u) = (builder.variables(1), builder.variables(x.count))
      builder.zero(t - u.sum)
      builder.power(1 / p, u, t, x, count: x.count)
      return t
    }
  }
}

/// ‖x‖₁ = Σ|x_i| over all elements. Convex; rises where x ≥ 0, falls where x ≤ 0.
public func norm1(_ x: Expression) -> Expression { Expression("norm1", [x], as: sum(abs(x))) }

/// ‖x‖₂ = √(Σ x_i²) over all elements. Convex; rises where x ≥ 0, falls where x ≤ 0.
public func norm2(_ x: Expression) -> Expression { Atom.norm2(x) }

/// ‖x‖_∞ = max|x_i| over all elements. Convex; rises where x ≥ 0, falls where x ≤ 0.
public func normInf(_ x: Expression) -> Expression { Atom.normInf(x) }

/// ‖x‖_p = (Σ|x_i|ᵖ)^{1/p} over all elements. Convex; rises where x ≥ 0, falls where x ≤ 0.
///
/// - Parameters:
///   - x: As many elements as there are.
///   - p: At least 1; may be infinite.
/// - Returns: The norm.
public func norm(_ x: Expression, _ p: Double) -> Expression {
  precondition(p >= 1, "norm: p is \(p), below 1")
  switch p {
  case 1: return norm1(x)
  case 2: return norm2(x)
  case .infinity: return normInf(x)
  default: return Atom.norm(p)(x)
  }
}

/// Σ|x_{i+1} − x_i| of a vector. Convex.
public func totalVariation(_ x: Expression) -> Expression {
  precondition(x.columns == 1, "totalVariation: shape \(x.shape) is not a vector")
  let last = max(x.count - 1, 0)
  return Expression("totalVariation", [x], as: sum(abs(x[min(1, x.count)...] - x[..<last])))
}
