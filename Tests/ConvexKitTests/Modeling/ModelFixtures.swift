import ConvexKit

/// The problems of the fixtures, as a user writes them.
enum ModelFixtures {
  typealias Builder = @Sendable (ModelData) throws -> BuiltModel

  static let all: [String: Builder] = [
    regression, classification, finance, entropy, networks, other, integer,
  ]
  .reduce(into: [:]) { $0.merge($1) { first, _ in first } }

  private static func linear(_ data: ModelData) throws -> (Variable, ConvexKit.Expression) {
    let x = try data.matrix("X")
    let w = Variable(x.columns, name: "w")
    return try (w, x * w - data.vector("y"))
  }

  /// y_i (x_iᵀw + c).
  private static func margins(_ data: ModelData) throws -> (
    Variable, Variable, ConvexKit.Expression
  ) {
    let x = try data.matrix("X")
    let (w, c) = (Variable(x.columns, name: "w"), Variable(name: "c"))
    return try (w, c, multiply(data.vector("y"), x * w + c))
  }

  private static let regression: [String: Builder] = [
    "least_squares": { data in
      let (w, r) = try linear(data)
      return BuiltModel(problem: try Problem(minimize: sumSquares(r)), unknowns: ["w": w])
    },
    "ridge": { data in
      let (w, r) = try linear(data)
      let lambda = try data.scalar("lambda")
      return BuiltModel(
        problem: try Problem(minimize: sumSquares(r) + lambda * sumSquares(w)), unknowns: ["w": w])
    },
    "lasso": lasso, "lasso_diabetes": lasso,
    "elastic_net": { data in
      let (w, r) = try linear(data)
      let (l1, l2) = try (data.scalar("l1"), data.scalar("l2"))
      return BuiltModel(
        problem: try Problem(
          minimize: sumSquares(r) / 2 + l1 * norm1(w) + l2 / 2 * sumSquares(w)),
        unknowns: ["w": w])
    },
    "huber": { data in
      let (w, r) = try linear(data)
      let c = Variable(name: "c")
      let loss = sum(huber(r + c, try data.scalar("M")))
      return BuiltModel(problem: try Problem(minimize: loss), unknowns: ["w": w, "c": c])
    },
    "quantile_regression": { data in
      let (w, r) = try linear(data)
      let c = Variable(name: "c")
      let (tau, residual) = (try data.scalar("tau"), -(r + c))
      return BuiltModel(
        problem: try Problem(minimize: sum(max(tau * residual, (tau - 1) * residual))),
        unknowns: ["w": w, "c": c])
    },
    "l1_fit": { data in
      let (w, r) = try linear(data)
      return BuiltModel(problem: try Problem(minimize: norm1(r)), unknowns: ["w": w])
    },
    "linf_fit": { data in
      let (w, r) = try linear(data)
      return BuiltModel(problem: try Problem(minimize: normInf(r)), unknowns: ["w": w])
    },
    "robust_least_squares": { data in
      let (w, r) = try linear(data)
      let rho = try data.scalar("rho")
      return BuiltModel(
        problem: try Problem(minimize: norm2(r) + rho * norm2(w)), unknowns: ["w": w])
    },
    "isotonic_regression": { data in
      let y = try data.vector("y")
      let x = Variable(y.count, name: "x")
      return BuiltModel(
        problem: try Problem(
          minimize: 0.5 * sumSquares(x - y), subjectTo: [x[..<(y.count - 1)] <= x[1...]]),
        unknowns: ["x": x])
    },
    "tv_denoising_1d": { data in
      let y = try data.vector("y")
      let (x, lambda) = (Variable(y.count, name: "x"), try data.scalar("lambda"))
      return BuiltModel(
        problem: try Problem(minimize: 0.5 * sumSquares(x - y) + lambda * totalVariation(x)),
        unknowns: ["x": x])
    },
    "l1_trend_filter": { data in
      let y = try data.vector("y")
      let n = y.count
      let (x, lambda) = (Variable(n, name: "x"), try data.scalar("lambda"))
      let bend = x[..<(n - 2)] - 2 * x[1..<(n - 1)] + x[2...]
      return BuiltModel(
        problem: try Problem(minimize: 0.5 * sumSquares(x - y) + lambda * norm1(bend)),
        unknowns: ["x": x])
    },
  ]

  private static let lasso: Builder = { data in
    let (w, r) = try linear(data)
    let lambda = try data.scalar("lambda")
    return BuiltModel(
      problem: try Problem(minimize: 0.5 * sumSquares(r) + lambda * norm1(w)), unknowns: ["w": w])
  }

  private static let classification: [String: Builder] = [
    "logistic_l2": { data in
      let (w, c, margin) = try margins(data)
      let lambda = try data.scalar("lambda")
      return BuiltModel(
        problem: try Problem(minimize: sum(logistic(-margin)) + lambda / 2 * sumSquares(w)),
        unknowns: ["w": w, "c": c])
    },
    "logistic_l1": { data in
      let (w, c, margin) = try margins(data)
      let lambda = try data.scalar("lambda")
      return BuiltModel(
        problem: try Problem(minimize: sum(logistic(-margin)) + lambda * norm1(w)),
        unknowns: ["w": w, "c": c])
    },
    "multinomial_logistic": { data in
      let (x, y) = try (data.matrix("X"), data.matrix("Y"))
      let w = Variable(x.columns, y.columns, name: "W")
      let scores = x * w
      let losses = (0..<x.rows).map { logSumExp(scores.row($0)) }
      let lambda = try data.scalar("lambda")
      return BuiltModel(
        problem: try Problem(
          minimize: sum(losses) - dot(y, scores) + lambda / 2 * sumSquares(w)),
        unknowns: ["W": w])
    },
    "svm": svm, "svm_iris": svm,
  ]

  private static let svm: Builder = { data in
    let (w, c, margin) = try margins(data)
    let penalty = try data.scalar("C")
    return BuiltModel(
      problem: try Problem(
        minimize: 0.5 * sumSquares(w) + penalty * sum(positivePart(1 - margin))),
      unknowns: ["w": w, "c": c])
  }

  private static let finance: [String: Builder] = [
    "portfolio_leverage": { data in
      let mu = try data.vector("mu")
      let w = Variable(mu.count, name: "w")
      let (budget, leverage) = (sum(w) == 1, norm1(w) <= (try data.scalar("L")))
      let risk = try data.scalar("gamma") * quadForm(w, data.matrix("Sigma"))
      return BuiltModel(
        problem: try Problem(maximize: dot(mu, w) - risk, subjectTo: [budget, leverage]),
        unknowns: ["w": w], duals: ["budget": budget, "leverage": leverage])
    },
    "minimum_variance": { data in
      let mu = try data.vector("mu")
      let w = Variable(mu.count, name: "w")
      let (budget, longOnly) = (sum(w) == 1, w >= 0)
      let returns = dot(mu, w) >= (try data.scalar("r"))
      return BuiltModel(
        problem: try Problem(
          minimize: quadForm(w, data.matrix("Sigma")), subjectTo: [budget, returns, longOnly]),
        unknowns: ["w": w],
        duals: ["budget": budget, "return": returns, "long_only": longOnly])
    },
    "matrix_game": { data in
      let a = try data.matrix("A")
      let (x, v) = (Variable(a.rows, name: "x"), Variable(name: "v"))
      let opponent = a.expression.transposed * x >= v
      return BuiltModel(
        problem: try Problem(maximize: v, subjectTo: [opponent, sum(x) == 1, x >= 0]),
        unknowns: ["x": x, "v": v], duals: ["opponent": opponent])
    },
    "diet": { data in
      let c = try data.vector("c")
      let x = Variable(c.count, .nonnegative, name: "x")
      let nutrients = try data.matrix("N") * x >= data.vector("r")
      return BuiltModel(
        problem: try Problem(minimize: dot(c, x), subjectTo: [nutrients, x <= 6]),
        unknowns: ["x": x], duals: ["nutrients": nutrients])
    },
  ]

  private static let entropy: [String: Builder] = [
    "analytic_centre": { data in
      let a = try data.matrix("A")
      let x = Variable(a.columns, name: "x")
      return BuiltModel(
        problem: try Problem(minimize: -sum(log(data.vector("b") - a * x))), unknowns: ["x": x])
    },
    "water_filling": { data in
      let alpha = try data.vector("alpha")
      let x = Variable(alpha.count, .nonnegative, name: "x")
      let power = sum(x) == (try data.scalar("P"))
      return BuiltModel(
        problem: try Problem(maximize: sum(log(alpha + x)), subjectTo: [power]),
        unknowns: ["x": x], duals: ["power": power])
    },
    "max_entropy_moments": { data in
      let (g, h) = try (data.vector("g"), data.vector("h"))
      let p = Variable(g.count, name: "p")
      let squares = Vector(g.map { $0 * $0 })
      let mean = dot(g, p) == (try data.scalar("m1"))
      let second = dot(squares, p) == (try data.scalar("m2"))
      let tail = dot(h, p) <= (try data.scalar("cap"))
      return BuiltModel(
        problem: try Problem(
          maximize: ConvexKit.entropy(p), subjectTo: [sum(p) == 1, mean, second, tail]),
        unknowns: ["p": p], duals: ["mean": mean, "second_moment": second, "tail": tail])
    },
    "consistent_attention_8_4": attention, "consistent_attention_16_8": attention,
    "optimal_transport": { data in
      let (c, a, b) = try (data.matrix("C"), data.vector("a"), data.vector("b"))
      let x = Variable(a.count, b.count, .nonnegative, name: "X")
      return BuiltModel(
        problem: try Problem(minimize: dot(c, x), subjectTo: marginals(x, a, b)),
        unknowns: ["X": x])
    },
    "entropic_transport": { data in
      let (c, a, b) = try (data.matrix("C"), data.vector("a"), data.vector("b"))
      let x = Variable(a.count, b.count, name: "X")
      let cost = try dot(c, x) - data.scalar("eps") * ConvexKit.entropy(x)
      return BuiltModel(
        problem: try Problem(minimize: cost, subjectTo: marginals(x, a, b)), unknowns: ["X": x])
    },
    "sum_of_exponentials": { data in
      let a = try data.matrix("A")
      let x = Variable(a.columns, name: "x")
      return BuiltModel(
        problem: try Problem(minimize: sum(exp(a * x + data.vector("b")))), unknowns: ["x": x])
    },
    "log_sum_exp": { data in
      let a = try data.matrix("A")
      let x = Variable(a.columns, name: "x")
      return BuiltModel(
        problem: try Problem(minimize: logSumExp(a * x + data.vector("b"))), unknowns: ["x": x])
    },
    "softmax": { data in
      let c = try data.vector("c")
      let x = Variable(c.count, name: "x")
      return BuiltModel(
        problem: try Problem(
          maximize: dot(c, x) + ConvexKit.entropy(x), subjectTo: [sum(x) == 1]),
        unknowns: ["x": x])
    },
  ]

  private static let attention: Builder = { data in
    let (nk, nl) = try (Int(data.scalar("nk")), Int(data.scalar("nl")))
    let (muK, muL) = (Variable(nk * nk, name: "mu_k"), Variable(nl * nl, name: "mu_l"))
    let ratio = nk / nl
    let cells = Matrix<Double>(rows: nl * nl, columns: nk * nk) { i, j in
      (j / nk / ratio) * nl + (j % nk) / ratio == i ? 1 : 0
    }
    let objective =
      try relativeEntropy(muK, data.vector("tau_k"))
      + relativeEntropy(muL, data.vector("tau_l"))
    return BuiltModel(
      problem: try Problem(
        minimize: objective,
        subjectTo: [sum(muK) == 1, sum(muL) == 1, muL == SparseMatrix(cells) * muK]),
      unknowns: ["mu_k": muK, "mu_l": muL])
  }

  private static func marginals(
    _ x: Variable, _ a: Vector<Double>, _ b: Vector<Double>
  ) -> [Constraint] {
    let (rows, columns) = (
      Vector(repeating: 1.0, count: a.count), Vector(repeating: 1.0, count: b.count)
    )
    return [x * columns == a, x.transposed * rows == b]
  }

  private static let networks: [String: Builder] = [
    "max_flow": { data in
      let (edges, cap) = try (data.matrix("edges"), data.vector("cap"))
      let nodes = Int(try data.scalar("nodes"))
      let (f, v) = (Variable(cap.count, .nonnegative, name: "f"), Variable(name: "v"))
      let incidence = Matrix<Double>(rows: nodes, columns: cap.count) { i, e in
        (edges[e, 0] == Double(i) ? 1 : 0) - (edges[e, 1] == Double(i) ? 1 : 0)
      }
      let ends = Vector((0..<nodes).map { $0 == 0 ? 1.0 : $0 == nodes - 1 ? -1 : 0 })
      return BuiltModel(
        problem: try Problem(maximize: v, subjectTo: [incidence * f == ends * v, f <= cap]),
        unknowns: ["f": f, "v": v])
    },
    "min_cut": { data in
      let (edges, cap) = try (data.matrix("edges"), data.vector("cap"))
      let nodes = Int(try data.scalar("nodes"))
      let (p, d) = (Variable(nodes, name: "p"), Variable(cap.count, .nonnegative, name: "d"))
      let cuts = (0..<cap.count).map { e in
        d[e] >= p[Int(edges[e, 0])] - p[Int(edges[e, 1])]
      }
      return BuiltModel(
        problem: try Problem(
          minimize: dot(cap, d), subjectTo: cuts + [p[0] == 1, p[nodes - 1] == 0]),
        unknowns: ["p": p, "d": d])
    },
  ]

  private static let other: [String: Builder] = [
    "chebyshev_centre": { data in
      let a = try data.matrix("A")
      let (x, r) = (Variable(a.columns, name: "x"), Variable(name: "r"))
      let norms = Vector(
        (0..<a.rows).map { i in
          Vector((0..<a.columns).map { a[i, $0] }).euclideanNorm
        })
      return BuiltModel(
        problem: try Problem(maximize: r, subjectTo: [a * x + norms * r <= data.vector("b")]),
        unknowns: ["x": x, "r": r])
    },
    "fermat_weber": { data in
      let (p, weights) = try (data.matrix("P"), data.vector("weights"))
      let x = Variable(2, name: "x")
      let distances = (0..<p.rows).map { i in
        weights[i] * norm2(x - Vector([p[i, 0], p[i, 1]]))
      }
      return BuiltModel(problem: try Problem(minimize: sum(distances)), unknowns: ["x": x])
    },
    "geometric_program_box": { data in
      // Convex in the logarithms of h, w, d.
      let (h, w, d) = (Variable(name: "log h"), Variable(name: "log w"), Variable(name: "log d"))
      let log = { @Sendable (name: String) in Double.log(try data.scalar(name)) }
      let two = Double.log(2)
      let wall = logSumExp(vstack(h + w + two, h + d + two)) <= (try log("A_wall"))
      let constraints = try [
        wall, w + d <= log("A_floor"), h - w >= log("lo"), h - w <= log("hi"),
        d - w >= log("lo"), d - w <= log("hi"),
      ]
      return BuiltModel(
        problem: try Problem(maximize: h + w + d, subjectTo: constraints),
        unknowns: ["h": exp(h), "w": exp(w), "d": exp(d)], optimum: { .exp($0) })
    },
    "basis_pursuit": { data in
      let a = try data.matrix("A")
      let x = Variable(a.columns, name: "x")
      return BuiltModel(
        problem: try Problem(minimize: norm1(x), subjectTo: [a * x == data.vector("y")]),
        unknowns: ["x": x])
    },
    "minimax": { data in
      let a = try data.matrix("A")
      let x = Variable(a.columns, name: "x")
      return BuiltModel(
        problem: try Problem(minimize: max(a * x + data.vector("b")), subjectTo: [abs(x) <= 10]),
        unknowns: ["x": x])
    },
    "sum_of_inverses": { data in
      let a = try data.vector("a")
      let x = Variable(a.count, name: "x")
      let squares = Vector(a.map { $0 * $0 })
      return BuiltModel(
        problem: try Problem(
          minimize: dot(squares, inversePositive(x)), subjectTo: [sum(x) == 1]),
        unknowns: ["x": x])
    },
    "scalar_offset": { _ in
      let x = Variable(name: "x")
      return BuiltModel(
        problem: try Problem(maximize: 7 - 2 * square(x - 3) - abs(x) + 1.5), unknowns: ["x": x])
    },
    "constant_objective": { _ in
      let x = Variable(2, .nonnegative, name: "x")
      return BuiltModel(
        problem: try Problem(minimize: 3, subjectTo: [x[0] + x[1] == 1]), unknowns: ["x": x])
    },
    "infeasible": { _ in
      let x = Variable(3, name: "x")
      return BuiltModel(
        problem: try Problem(minimize: norm2(x), subjectTo: [sum(x) >= 5, normInf(x) <= 1]),
        unknowns: ["x": x])
    },
    "infeasible_exp": { _ in
      let x = Variable(3, name: "x")
      return BuiltModel(
        problem: try Problem(
          minimize: sum(exp(x)),
          subjectTo: [log(x[0]) >= 2, x[0] + x[1] <= 5, x[1] >= 0, x[2] == 1]),
        unknowns: ["x": x])
    },
    "unbounded": { _ in
      let x = Variable(2, name: "x")
      return BuiltModel(
        problem: try Problem(
          minimize: x[0] + 2 * x[1], subjectTo: [x[0] - x[1] >= -1, x[1] <= 4, x[0] <= 10]),
        unknowns: ["x": x])
    },
  ]

  private static let integer: [String: Builder] = [
    "knapsack": { data in
      let v = try data.vector("v")
      let x = Variable(v.count, .boolean, name: "x")
      return BuiltModel(
        problem: try Problem(
          maximize: dot(v, x), subjectTo: [data.matrix("W") * x <= data.vector("cap")]),
        unknowns: ["x": x])
    },
    "set_cover": { data in
      let c = try data.vector("c")
      let x = Variable(c.count, .boolean, name: "x")
      return BuiltModel(
        problem: try Problem(minimize: dot(c, x), subjectTo: [data.matrix("A") * x >= 1]),
        unknowns: ["x": x])
    },
    "assignment": { data in
      let c = try data.matrix("C")
      let x = Variable(c.rows, c.rows, .boolean, name: "X")
      let ones = Vector(repeating: 1.0, count: c.rows)
      return BuiltModel(
        problem: try Problem(minimize: dot(c, x), subjectTo: marginals(x, ones, ones)),
        unknowns: ["X": x])
    },
    "facility_location": { data in
      let (open, t) = try (data.vector("open"), data.matrix("T"))
      let (y, x) = (
        Variable(t.rows, .boolean, name: "y"), Variable(t.rows, t.columns, .nonnegative, name: "X")
      )
      let everywhere = Matrix<Double>(rows: 1, columns: t.columns) { _, _ in 1 }
      return BuiltModel(
        problem: try Problem(
          minimize: dot(open, y) + dot(t, x),
          subjectTo: [
            x.transposed * Vector(repeating: 1.0, count: t.rows) == 1, x <= y * everywhere,
          ]), unknowns: ["y": y, "X": x])
    },
    "integer_program": { data in
      let c = try data.vector("c")
      let x = Variable(c.count, .integer, name: "x")
      return BuiltModel(
        problem: try Problem(
          maximize: dot(c, x),
          subjectTo: [
            data.matrix("A") * x <= data.vector("b"), x >= 0, x <= data.scalar("u"),
          ]), unknowns: ["x": x])
    },
    "integer_infeasible": { _ in
      let x = Variable(2, .integer, name: "x")
      return BuiltModel(
        problem: try Problem(
          minimize: x[0] + x[1], subjectTo: [2 * x[0] + 4 * x[1] == 7, x >= 0, x <= 10]),
        unknowns: ["x": x])
    },
    "integer_unbounded": { _ in
      let x = Variable(2, .integer, name: "x")
      return BuiltModel(
        problem: try Problem(
          maximize: x[0] + 2 * x[1], subjectTo: [x[0] - x[1] <= 3, x >= 0]), unknowns: ["x": x])
    },
  ]
}
