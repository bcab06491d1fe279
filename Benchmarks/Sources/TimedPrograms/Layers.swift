import ConvexKit

/// Problems of the reference data as functions of their parameters; `layers.py` has the same ones
/// for cvxpylayers.
enum Layers {
  /// A problem with its parameters and variables in the order of the arrays.
  typealias Parts = (problem: Problem, parameters: [Parameter], variables: [Variable])

  static let all: [String: @Sendable () throws -> Parts] = [
    "optnet_qp": {
      let q = Parameter(8, 8, .positiveSemidefinite), p = Parameter(8), g = Parameter(10, 8)
      let h = Parameter(10), a = Parameter(3, 8), b = Parameter(3), x = Variable(8)
      return (
        try Problem(
          minimize: 0.5 * quadForm(x, q) + dot(p, x), subjectTo: [a * x == b, g * x <= h]),
        [q, p, g, h, a, b], [x]
      )
    },
    "sparsemax": {
      let y = Parameter(9), x = Variable(9, .nonnegative)
      return (
        try Problem(minimize: 0.5 * sumSquares(x - y), subjectTo: [sum(x) == 1]), [y], [x]
      )
    },
    "softmax": {
      let c = Parameter(8), x = Variable(8)
      return (try Problem(maximize: dot(c, x) + entropy(x), subjectTo: [sum(x) == 1]), [c], [x])
    },
    "consistent_8_4": {
      let tauK = Parameter(64, .nonnegative), tauL = Parameter(16, .nonnegative)
      let muK = Variable(64), muL = Variable(16)
      let cells = Matrix<Double>(rows: 16, columns: 64) { i, j in
        (j / 8 / 2) * 4 + (j % 8) / 2 == i ? 1 : 0
      }
      return (
        try Problem(
          minimize: relativeEntropy(muK, tauK) + relativeEntropy(muL, tauL),
          subjectTo: [sum(muK) == 1, muL == cells * muK]),
        [tauK, tauL], [muK, muL]
      )
    },
    "lasso": {
      let x = Parameter(14, 6), y = Parameter(14), lam = Parameter(.nonnegative), w = Variable(6)
      return (
        try Problem(minimize: 0.5 * sumSquares(x * w - y) + lam * norm1(w)), [x, y, lam], [w]
      )
    },
    "ball": {
      let c = Parameter(6), center = Parameter(6), r = Parameter(), a = Parameter(2, 6)
      let b = Parameter(2), x = Variable(6)
      return (
        try Problem(minimize: dot(c, x), subjectTo: [a * x == b, norm2(x - center) <= r]),
        [c, center, r, a, b], [x]
      )
    },
    "robust_lp": {
      let c = Parameter(4), a = Parameter(9, 4), b = Parameter(9), rho = Parameter(.nonnegative)
      let x = Variable(4)
      return (
        try Problem(
          minimize: dot(c, x), subjectTo: [a * x + rho * norm2(x) <= b, norm2(x) <= 6]),
        [c, a, b, rho], [x]
      )
    },
    "sudoku_4x4": {
      let p = Parameter(64), a = Parameter(22, 64), b = Parameter(22)
      let x = Variable(64, .nonnegative)
      return (
        try Problem(minimize: 0.05 * sumSquares(x) - dot(p, x), subjectTo: [a * x == b]),
        [p, a, b], [x]
      )
    },
    "entropic_transport": {
      let c = Parameter(4, 5), a = Parameter(4), b = Parameter(4), x = Variable(4, 5)
      let columns = x.transposed * Vector(repeating: 1, count: 4)
      return (
        try Problem(
          minimize: dot(c, x) - 0.15 * entropy(x),
          subjectTo: [x * Vector(repeating: 1, count: 5) == a, columns[..<4] == b]),
        [c, a, b], [x]
      )
    },
    "log_sum_exp": {
      let a = Parameter(7, 3), b = Parameter(7), x = Variable(3)
      return (try Problem(minimize: logSumExp(a * x + b) + 0.5 * sumSquares(x)), [a, b], [x])
    },
  ]
}
