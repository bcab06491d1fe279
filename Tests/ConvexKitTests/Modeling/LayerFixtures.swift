import ConvexKit
import Foundation
import TestSupport

/// A problem with parameters of the derivative fixtures.
struct Layer {
  var problem: Problem
  var parameters: [String: Parameter]
  var outputs: [String: Variable]
}

/// The layers of the fixtures, as a user writes them.
enum LayerFixtures {
  static let names = [
    "optnet_qp", "sparsemax", "softmax", "consistent_4_2", "consistent_8_4", "logistic_l2", "lasso",
    "ball", "robust_lp", "sudoku_4x4", "entropic_transport", "portfolio", "log_sum_exp",
  ]

  static func layer(_ name: String, _ data: ModelData) throws -> Layer {
    switch name {
    case "optnet_qp": try optnet()
    case "sparsemax": try sparsemax()
    case "softmax": try softmax()
    case "consistent_4_2": try consistent(4, 2)
    case "consistent_8_4": try consistent(8, 4)
    case "logistic_l2": try logistic(labels: data.vector("data_y"))
    case "lasso": try lasso()
    case "ball": try ball()
    case "robust_lp": try robust()
    case "sudoku_4x4": try sudoku()
    case "entropic_transport": try transport()
    case "portfolio": try portfolio()
    default: try logSumExpLayer()
    }
  }

  private static func optnet() throws -> Layer {
    let q = Parameter(8, 8, .positiveSemidefinite, name: "Q"), p = Parameter(8, name: "p")
    let g = Parameter(10, 8, name: "G"), h = Parameter(10, name: "h")
    let a = Parameter(3, 8, name: "A"), b = Parameter(3, name: "b")
    let x = Variable(8, name: "x")
    let problem = try Problem(
      minimize: 0.5 * quadForm(x, q) + dot(p, x), subjectTo: [a * x == b, g * x <= h])
    return Layer(
      problem: problem, parameters: ["Q": q, "p": p, "G": g, "h": h, "A": a, "b": b],
      outputs: ["x": x])
  }

  private static func sparsemax() throws -> Layer {
    let y = Parameter(9, name: "y"), x = Variable(9, .nonnegative, name: "x")
    let problem = try Problem(minimize: 0.5 * sumSquares(x - y), subjectTo: [sum(x) == 1])
    return Layer(problem: problem, parameters: ["y": y], outputs: ["x": x])
  }

  private static func softmax() throws -> Layer {
    let c = Parameter(8, name: "c"), x = Variable(8, name: "x")
    let problem = try Problem(maximize: dot(c, x) + entropy(x), subjectTo: [sum(x) == 1])
    return Layer(problem: problem, parameters: ["c": c], outputs: ["x": x])
  }

  private static func consistent(_ nk: Int, _ nl: Int) throws -> Layer {
    let tauK = Parameter(nk * nk, .nonnegative, name: "tau_k")
    let tauL = Parameter(nl * nl, .nonnegative, name: "tau_l")
    let muK = Variable(nk * nk, name: "mu_k"), muL = Variable(nl * nl, name: "mu_l")
    let ratio = nk / nl
    let cells = Matrix<Double>(rows: nl * nl, columns: nk * nk) { i, j in
      (j / nk / ratio) * nl + (j % nk) / ratio == i ? 1 : 0
    }
    let problem = try Problem(
      minimize: relativeEntropy(muK, tauK) + relativeEntropy(muL, tauL),
      subjectTo: [sum(muK) == 1, muL == cells * muK])
    return Layer(
      problem: problem, parameters: ["tau_k": tauK, "tau_l": tauL],
      outputs: ["mu_k": muK, "mu_l": muL])
  }

  private static func logistic(labels: Vector<Double>) throws -> Layer {
    let x = Parameter(18, 3, name: "X"), lam = Parameter(.nonnegative, name: "lam")
    let w = Variable(3, name: "w")
    let losses = ConvexKit.logistic(-multiply(labels, x * w))
    let problem = try Problem(minimize: sum(losses) + lam / 2 * sumSquares(w))
    return Layer(problem: problem, parameters: ["X": x, "lam": lam], outputs: ["w": w])
  }

  private static func lasso() throws -> Layer {
    let x = Parameter(14, 6, name: "X"), y = Parameter(14, name: "y")
    let lam = Parameter(.nonnegative, name: "lam"), w = Variable(6, name: "w")
    let problem = try Problem(minimize: 0.5 * sumSquares(x * w - y) + lam * norm1(w))
    return Layer(problem: problem, parameters: ["X": x, "y": y, "lam": lam], outputs: ["w": w])
  }

  private static func ball() throws -> Layer {
    let c = Parameter(6, name: "c"), center = Parameter(6, name: "a"), r = Parameter(name: "r")
    let a = Parameter(2, 6, name: "A"), b = Parameter(2, name: "b"), x = Variable(6, name: "x")
    let problem = try Problem(
      minimize: dot(c, x), subjectTo: [a * x == b, norm2(x - center) <= r])
    return Layer(
      problem: problem, parameters: ["c": c, "a": center, "r": r, "A": a, "b": b],
      outputs: ["x": x])
  }

  private static func robust() throws -> Layer {
    let c = Parameter(4, name: "c"), a = Parameter(9, 4, name: "A"), b = Parameter(9, name: "b")
    let rho = Parameter(.nonnegative, name: "rho"), x = Variable(4, name: "x")
    let size = norm2(x)
    let problem = try Problem(
      minimize: dot(c, x), subjectTo: [a * x + rho * size <= b, size <= 6])
    return Layer(
      problem: problem, parameters: ["c": c, "A": a, "b": b, "rho": rho], outputs: ["x": x])
  }

  private static func sudoku() throws -> Layer {
    let p = Parameter(64, name: "p"), a = Parameter(22, 64, name: "A")
    let b = Parameter(22, name: "b"), x = Variable(64, .nonnegative, name: "x")
    let problem = try Problem(minimize: 0.05 * sumSquares(x) - dot(p, x), subjectTo: [a * x == b])
    return Layer(problem: problem, parameters: ["p": p, "A": a, "b": b], outputs: ["x": x])
  }

  private static func transport() throws -> Layer {
    let c = Parameter(4, 5, name: "C"), a = Parameter(4, name: "a"), b = Parameter(4, name: "b")
    let x = Variable(4, 5, name: "X")
    let columns = x.transposed * Vector(repeating: 1.0, count: 4)
    let problem = try Problem(
      minimize: dot(c, x) - 0.15 * entropy(x),
      subjectTo: [x * Vector(repeating: 1.0, count: 5) == a, columns[..<4] == b])
    return Layer(problem: problem, parameters: ["C": c, "a": a, "b": b], outputs: ["X": x])
  }

  private static func portfolio() throws -> Layer {
    let mu = Parameter(7, name: "mu"), sigma = Parameter(7, 7, .positiveSemidefinite, name: "Sigma")
    let w = Variable(7, name: "w")
    let problem = try Problem(
      maximize: dot(mu, w) - 3 * quadForm(w, sigma),
      subjectTo: [sum(w) == 1, w >= -0.1, w <= 0.5])
    return Layer(problem: problem, parameters: ["mu": mu, "Sigma": sigma], outputs: ["w": w])
  }

  private static func logSumExpLayer() throws -> Layer {
    let a = Parameter(7, 3, name: "A"), b = Parameter(7, name: "b"), x = Variable(3, name: "x")
    let problem = try Problem(minimize: logSumExp(a * x + b) + 0.5 * sumSquares(x))
    return Layer(problem: problem, parameters: ["A": a, "b": b], outputs: ["x": x])
  }
}
