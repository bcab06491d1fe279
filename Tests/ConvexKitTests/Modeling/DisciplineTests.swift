import ConvexKit
import Foundation
import TestSupport
import Testing

/// An expression of the fixtures with the curvature, sign and value that it must have.
private struct DisciplineCase: Decodable, Sendable, CustomTestStringConvertible {
  var expr: String
  var curvature: String
  var sign: String
  var value: Double
  var testDescription: String { expr }

  struct Refusal: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var why: String
    var testDescription: String { name }
  }
  struct Cases: Decodable {
    var dcp_expressions: [DisciplineCase]
    var dcp_errors: [Refusal]
  }

  static func cases() throws -> Cases {
    try JSONDecoder().decode(
      Cases.self, from: Data(contentsOf: Fixture.url("cone/cases.json", in: .module)))
  }
}

@Suite struct DisciplineTests {
  private let x = Variable(name: "x"), y = Variable(name: "y")
  private let p = Variable(.nonnegative, name: "p"), n = Variable(.nonpositive, name: "n")
  private let v = Variable(3, name: "v"), u = Variable(3, .nonnegative, name: "u")

  private var point: Assignment {
    [
      x: 0.7, y: -1.3, p: 2, n: -0.6, v: Vector([0.5, -1, 2]), u: Vector([0.5, 1, 2]),
    ]
  }

  private var affine: [String: ConvexKit.Expression] {
    [
      "x + y": x + y, "2*x - 3*y + 1": 2 * x - 3 * y + 1, "sum(v)": sum(v), "x*y": x * y,
      "x*x": x * x, "p*exp(x)": p * exp(x), "2*exp(x)": 2 * exp(x), "-2*exp(x)": -2 * exp(x),
      "x/p": x / p, "1/p": 1 / p, "0*exp(x)": 0 * exp(x), "abs(x) + x": abs(x) + x,
      "3": 3.expression, "-exp(x) + 2*exp(x)": -exp(x) + 2 * exp(x),
      "square(x) - square(x)": square(x) - square(x), "-log(p) + square(x)": -log(p) + square(x),
      "log(p) - square(x)": log(p) - square(x), "log(p) + square(x)": log(p) + square(x),
      "entr(p) + log(p)": entropyTerms(p) + log(p),
    ]
  }

  private var atoms: [String: ConvexKit.Expression] {
    [
      "square(x)": square(x), "-square(x)": -square(x), "abs(x)": abs(x), "exp(x)": exp(x),
      "log(p)": log(p), "sqrt(p)": sqrt(p), "inv_pos(p)": inversePositive(p),
      "max(x, y)": max(x, y), "min(x, y)": min(x, y), "pos(x)": positivePart(x),
      "neg(x)": negativePart(x), "entr(p)": entropyTerms(p), "huber(x, 1)": huber(x, 1),
      "logistic(x)": logistic(x), "kl_div(p, 2)": klDivergenceTerms(p, 2),
      "rel_entr(p, 2)": relativeEntropyTerms(p, 2), "power(x, 4)": power(x, 4),
      "power(p, 1.5)": power(p, 1.5), "power(p, 0.3)": power(p, 0.3), "power(p, -2)": power(p, -2),
      "norm1(v)": norm1(v), "norm2(v)": norm2(v), "norm_inf(v)": normInf(v),
      "pnorm(v, 3)": norm(v, 3), "sum_squares(v)": sumSquares(v), "log_sum_exp(v)": logSumExp(v),
      "geo_mean(u)": geometricMean(u), "harmonic_mean(u)": harmonicMean(u),
      "sum_largest(v, 2)": sumLargest(v, 2), "sum_smallest(v, 2)": sumSmallest(v, 2),
      "quad_over_lin(v, p)": quadOverLin(v, p), "total_variation(v)": totalVariation(v),
      "power(n, 2)": power(n, 2), "exp(n)": exp(n), "abs(n)": abs(n), "max(n, -1)": max(n, -1),
    ]
  }

  private var compositions: [String: ConvexKit.Expression] {
    [
      "exp(square(x))": exp(square(x)), "square(exp(x))": square(exp(x)),
      "square(abs(x))": square(abs(x)), "square(pos(x))": square(positivePart(x)),
      "square(square(x) + 1)": square(square(x) + 1),
      "square(square(x) - 1)": square(square(x) - 1), "square(-square(x))": square(-square(x)),
      "sqrt(square(x) + 1)": sqrt(square(x) + 1), "norm2([1, x])": norm2(vstack(1, x)),
      "log(exp(x))": log(exp(x)), "log(square(x))": log(square(x)),
      "exp(-square(x))": exp(-square(x)), "exp(log(p))": exp(log(p)),
      "max(square(x), exp(y))": max(square(x), exp(y)), "max(x, log(p))": max(x, log(p)),
      "min(log(p), sqrt(p))": min(log(p), sqrt(p)),
      "inv_pos(square(x) + 1)": inversePositive(square(x) + 1),
      "inv_pos(sqrt(p))": inversePositive(sqrt(p)), "abs(square(x))": abs(square(x)),
      "abs(exp(x))": abs(exp(x)), "abs(log(p))": abs(log(p)),
      "logistic(abs(x))": logistic(abs(x)), "logistic(-abs(x))": logistic(-abs(x)),
      "pos(square(x) - 1)": positivePart(square(x) - 1),
      "neg(square(x) - 1)": negativePart(square(x) - 1), "neg(log(p))": negativePart(log(p)),
      "log_sum_exp([square(x), y])": logSumExp(vstack(square(x), y)),
      "geo_mean([p, sqrt(p)])": geometricMean(vstack(p, sqrt(p))),
      "quad_over_lin(v, sqrt(p))": quadOverLin(v, sqrt(p)),
      "quad_over_lin(v, square(x))": quadOverLin(v, square(x)), "norm2(exp(v))": norm2(exp(v)),
      "norm2(log(u))": norm2(log(u)), "norm1(square(v))": norm1(square(v)),
      "sqrt(geo_mean(u))": sqrt(geometricMean(u)), "huber(square(x), 1)": huber(square(x), 1),
      "kl_div(p, sqrt(p))": klDivergenceTerms(p, sqrt(p)),
      "power(abs(x), 1.5)": power(abs(x), 1.5), "square(n - 1)": square(n - 1),
      "sum_squares(log(u))": sumSquares(log(u)), "exp(max(x, y))": exp(max(x, y)),
      "log(min(p, 3))": log(min(p, 3)), "sqrt(sqrt(p))": sqrt(sqrt(p)),
      "power(sqrt(p), 2)": power(sqrt(p), 2),
    ]
  }

  @Test(arguments: try DisciplineCase.cases().dcp_expressions)
  private func `expressions have the curvature, sign and value of the references`(
    _ reference: DisciplineCase
  ) throws {
    let all = [affine, atoms, compositions]
    let expression = try #require(all.compactMap { $0[reference.expr] }.first)
    #expect(expression.curvature.rawValue == reference.curvature)
    #expect(expression.sign.rawValue == reference.sign)
    let value = try expression.value(at: point).scalar
    #expect(abs(value - reference.value) <= 1e-14 * max(1, abs(reference.value)))
  }

  /// The problem of a refusal, and the sub-expression that must be named.
  private func refused(_ name: String) -> (expression: String, make: () throws -> Problem)? {
    switch name {
    case "sqrt_of_convex":
      ("sqrt(square(x) + 1)", { try Problem(minimize: sqrt(square(x) + 1)) })
    case "equality_of_convex":
      ("square(x) == 1", { try Problem(minimize: x, subjectTo: [square(x) == 1]) })
    case "maximise_convex":
      ("square(x)", { try Problem(maximize: square(x), subjectTo: [abs(x) <= 1]) })
    case "minimise_concave":
      ("log(x)", { try Problem(minimize: log(x), subjectTo: [x >= 1]) })
    case "convex_at_least":
      (
        "norm2(vstack(x, y)) >= 1",
        { try Problem(minimize: y, subjectTo: [norm2(vstack(x, y)) >= 1]) }
      )
    case "concave_at_most":
      ("sqrt(x) <= 2", { try Problem(minimize: -x, subjectTo: [sqrt(x) <= 2]) })
    case "product_of_variables":
      ("x * y", { try Problem(minimize: x * y, subjectTo: [x + y == 2]) })
    case "self_product": ("x * x", { try Problem(minimize: x * x) })
    case "indefinite_quadratic":
      (
        "quadForm(vstack(x, y), constant(2×2))",
        {
          let q = Matrix<Double>(rows: 2, columns: 2, elements: [1, 2, 2, 1])
          return try Problem(minimize: quadForm(vstack(x, y), q))
        }
      )
    case "square_of_difference":
      ("square(square(x) - 1)", { try Problem(minimize: square(square(x) - 1)) })
    case "convex_minus_convex":
      ("square(x) - square(y)", { try Problem(minimize: square(x) - square(y)) })
    case "quotient": ("x / y", { try Problem(minimize: x / y, subjectTo: [y >= 1]) })
    case "log_of_convex":
      ("log(exp(x) + exp(y))", { try Problem(minimize: -log(exp(x) + exp(y))) })
    case "not_equal_sense":
      ("exp(x) >= 1", { try Problem(minimize: 0, subjectTo: [exp(x) >= 1, log(x) <= 0]) })
    default: nil
    }
  }

  @Test(arguments: try DisciplineCase.cases().dcp_errors)
  private func `a broken rule is an error that names the sub-expression and says why`(
    _ refusal: DisciplineCase.Refusal
  ) throws {
    let (expression, make) = try #require(refused(refusal.name))
    do {
      _ = try make()
      Issue.record("accepted")
    } catch ModelingError.brokenRule(let named, let reason) {
      #expect(named == expression)
      #expect(reason.count > 20)
    }
  }
}
