extension Atom {
  /// |x|:  t − x ≥ 0, t + x ≥ 0.
  static let abs = Atom.elementwise(
    "abs", .convex, sign: .nonnegative, monotonicity: { Monotonicity(even: $0) },
    value: { Swift.abs($0) }, derivative: { x, _ in x > 0 ? 1 : x < 0 ? -1 : 0 }
  ) { x, builder in
    let t = builder.variables(x.count)
    builder.nonnegative(t - x)
    builder.nonnegative(t + x)
    return t
  }

  /// max_k x_k, element by element:  t − x_k ≥ 0.
  static let max = Atom.elementwise(
    "max", .convex,
    sign: { signs in
      Sign(
        nonnegative: signs.contains(where: \.isNonnegative),
        nonpositive: signs.allSatisfy(\.isNonpositive))
    },
    monotonicity: { _ in .nondecreasing }, value: { $0.max() ?? -.infinity },
    gradient: { x in
      let largest = x.firstIndex(of: x.max() ?? 0)
      return x.indices.map { $0 == largest ? 1 : 0 }
    },
    canonical: { forms, builder in
      let t = builder.variables(forms[0].count)
      for form in forms { builder.nonnegative(t - form) }
      return t
    })

  /// max_i x_i:  t − x_i ≥ 0.
  static let largest = Atom.reduction(
    "max", .convex, sign: { $0 }, monotonicity: { _ in .nondecreasing },
    value: { $0.max() ?? -.infinity },
    gradient: { x, y in
      let largest = x.firstIndex(of: y)
      return x.indices.map { $0 == largest ? 1 : 0 }
    }
  ) { x, builder in
    let t = builder.variables(1)
    builder.nonnegative(t - x)
    return t
  }

  /// The sum of the k largest elements:  k s + Σ u, u ≥ x − s, u ≥ 0.
  static func sumLargest(_ k: Int) -> Atom {
    Atom.reduction(
      "sumLargest", .convex, sign: { $0 }, monotonicity: { _ in .nondecreasing },
      value: { $0.sorted(by: >).prefix(k).reduce(0, +) },
      gradient: { x, _ in
        let largest = Set(x.indices.sorted { x[$0] > x[$1] }.prefix(k))
        return x.indices.map { largest.contains($0) ? 1 : 0 }
      }
    ) { x, builder in
      let (s, u) = (builder.variables(1), builder.variables(x.count))
      builder.nonnegative(u - x + s)
      builder.nonnegative(u)
      return Double(k) * s + u.sum
    }
  }
}

/// |x|, element by element. Convex; rises where x ≥ 0, falls where x ≤ 0.
public func abs(_ x: Expression) -> Expression { Atom.abs(x) }

/// max(x, 0), element by element. Convex, nondecreasing.
public func positivePart(_ x: Expression) -> Expression {
  Expression("positivePart", [x], as: Atom.max(x, 0.expression))
}

/// max(−x, 0), element by element. Convex, nonincreasing.
public func negativePart(_ x: Expression) -> Expression {
  Expression("negativePart", [x], as: Atom.max(-x, 0.expression))
}

/// The largest of several, element by element. Convex, nondecreasing.
public func max(
  _ x: Expression, _ y: any ExpressionConvertible, _ others: any ExpressionConvertible...
) -> Expression {
  Expression(Atom.max, [x, y.expression] + others.map(\.expression))
}

/// The smallest of several, element by element. Concave, nondecreasing.
public func min(
  _ x: Expression, _ y: any ExpressionConvertible, _ others: any ExpressionConvertible...
) -> Expression {
  let all = [x, y.expression] + others.map(\.expression)
  return Expression("min", all, as: -Expression(Atom.max, all.map { -$0 }))
}

/// The largest element. Convex, nondecreasing.
public func max(_ x: Expression) -> Expression { Atom.largest(x) }

/// The smallest element. Concave, nondecreasing.
public func min(_ x: Expression) -> Expression {
  Expression("min", [x], as: -Atom.largest(-x))
}

/// The sum of the k largest elements. Convex, nondecreasing.
///
/// - Parameters:
///   - x: As many elements as there are.
///   - k: How many, at least 0; all if there are fewer.
/// - Returns: The sum.
public func sumLargest(_ x: Expression, _ k: Int) -> Expression {
  precondition(k >= 0, "sumLargest: k is \(k)")
  return k >= x.count ? sum(x) : Atom.sumLargest(k)(x)
}

/// The sum of the k smallest elements. Concave, nondecreasing.
///
/// - Parameters:
///   - x: As many elements as there are.
///   - k: How many, at least 0; all if there are fewer.
/// - Returns: The sum.
public func sumSmallest(_ x: Expression, _ k: Int) -> Expression {
  Expression("sumSmallest", [x], as: -sumLargest(-x, k))
}
