import ConvexKit

/// Problems of the reference data as a user writes them; `models.py` has the same ones in CVXPY.
enum Models {
  typealias Builder = @Sendable (ModelData) throws -> Problem

  static let all: [String: Builder] = [
    "least_squares": { data in
      let x = try data.matrix("X"), w = Variable(x.columns)
      return try Problem(minimize: sumSquares(x * w - data.vector("y")))
    },
    "lasso_diabetes": { data in
      let x = try data.matrix("X"), w = Variable(x.columns)
      let lambda = try data.scalar("lambda")
      return try Problem(
        minimize: 0.5 * sumSquares(x * w - data.vector("y")) + lambda * norm1(w))
    },
    "huber": { data in
      let x = try data.matrix("X"), w = Variable(x.columns), c = Variable()
      let residual = try x * w + c - data.vector("y")
      return try Problem(minimize: sum(huber(residual, data.scalar("M"))))
    },
    "quantile_regression": { data in
      let x = try data.matrix("X"), w = Variable(x.columns), c = Variable()
      let residual = try data.vector("y") - x * w - c
      let tau = try data.scalar("tau")
      return try Problem(minimize: sum(max(tau * residual, (tau - 1) * residual)))
    },
    "logistic_l2": { data in
      let x = try data.matrix("X"), w = Variable(x.columns), c = Variable()
      let margins = try multiply(data.vector("y"), x * w + c)
      let lambda = try data.scalar("lambda")
      return try Problem(minimize: sum(logistic(-margins)) + lambda / 2 * sumSquares(w))
    },
    "svm_iris": { data in
      let x = try data.matrix("X"), w = Variable(x.columns), c = Variable()
      let margins = try multiply(data.vector("y"), x * w + c)
      let penalty = try data.scalar("C")
      return try Problem(
        minimize: 0.5 * sumSquares(w) + penalty * sum(positivePart(1 - margins)))
    },
    "portfolio_leverage": { data in
      let mu = try data.vector("mu"), w = Variable(mu.count)
      let gamma = try data.scalar("gamma")
      return try Problem(
        maximize: dot(mu, w) - gamma * quadForm(w, data.matrix("Sigma")),
        subjectTo: [sum(w) == 1, norm1(w) <= data.scalar("L")])
    },
    "diet": { data in
      let c = try data.vector("c"), x = Variable(c.count, .nonnegative)
      return try Problem(
        minimize: dot(c, x),
        subjectTo: [data.matrix("N") * x >= data.vector("r"), x <= 6])
    },
    "water_filling": { data in
      let alpha = try data.vector("alpha"), x = Variable(alpha.count, .nonnegative)
      return try Problem(
        maximize: sum(log(alpha + x)), subjectTo: [sum(x) == data.scalar("P")])
    },
    "consistent_attention_16_8": { data in
      let (nk, nl) = try (Int(data.scalar("nk")), Int(data.scalar("nl")))
      let mu = Variable(nk * nk), nu = Variable(nl * nl)
      let side = nk / nl
      let cells = try SparseMatrix(
        rows: nl * nl, columns: nk * nk,
        entries: (0..<nk * nk).map { j in ((j / nk / side) * nl + (j % nk) / side, j, 1) })
      return try Problem(
        minimize: relativeEntropy(mu, data.vector("tau_k"))
          + relativeEntropy(nu, data.vector("tau_l")),
        subjectTo: [sum(mu) == 1, sum(nu) == 1, nu == cells * mu])
    },
    "optimal_transport": { data in
      let (cost, a, b) = try (data.matrix("C"), data.vector("a"), data.vector("b"))
      let x = Variable(a.count, b.count, .nonnegative)
      return try Problem(
        minimize: dot(cost, x),
        subjectTo: [
          x * Vector(repeating: 1, count: b.count) == a,
          x.transposed * Vector(repeating: 1, count: a.count) == b,
        ])
    },
    "tv_denoising_1d": { data in
      let y = try data.vector("y"), x = Variable(y.count)
      let lambda = try data.scalar("lambda")
      return try Problem(minimize: 0.5 * sumSquares(x - y) + lambda * totalVariation(x))
    },
    "robust_least_squares": { data in
      let x = try data.matrix("X"), w = Variable(x.columns)
      let rho = try data.scalar("rho")
      return try Problem(minimize: norm2(x * w - data.vector("y")) + rho * norm2(w))
    },
    "fermat_weber": { data in
      let (p, weights) = try (data.matrix("P"), data.vector("weights"))
      let x = Variable(2)
      return try Problem(
        minimize: sum((0..<p.rows).map { weights[$0] * norm2(x - Vector([p[$0, 0], p[$0, 1]])) }))
    },
    "sum_of_inverses": { data in
      let a = try data.vector("a"), x = Variable(a.count)
      return try Problem(
        minimize: dot(Vector(a.map { $0 * $0 }), inversePositive(x)), subjectTo: [sum(x) == 1])
    },
    "knapsack": { data in
      let v = try data.vector("v"), x = Variable(v.count, .boolean)
      return try Problem(
        maximize: dot(v, x), subjectTo: [data.matrix("W") * x <= data.vector("cap")])
    },
  ]
}
