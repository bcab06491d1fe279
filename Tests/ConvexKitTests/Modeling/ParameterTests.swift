import ArrayFiles
import TestSupport
import Testing

@testable import ConvexKit

@Suite struct ParameterTests {
  /// A layer with its data.
  private static func load(_ name: String) throws -> (Layer, ModelData) {
    let url = try Fixture.url("cone/derivatives/\(name).safetensors", in: .module)
    let data = ModelData(arrays: try Safetensors(contentsOf: url).arrays)
    return (try LayerFixtures.layer(name, data), data)
  }

  /// The values of all parameters, moved by t along the reference's direction.
  private static func point(
    _ layer: Layer, _ data: ModelData, along t: Double = 0
  ) throws -> Assignment {
    var assignment: Assignment = [:]
    for (name, parameter) in layer.parameters {
      let value = try data.matrix("param_\(name)"), tangent = try data.matrix("tangent_\(name)")
      assignment[parameter] = Matrix(
        value.shape, zip(value.elements, tangent.elements).map { $0 + t * $1 })
    }
    return assignment
  }

  private static let tight = ConeSettings(
    tolerances: ConeTolerances(feasibility: 1e-11, gap: 1e-12, infeasibility: 1e-8),
    reducedTolerances: ConeTolerances(feasibility: 1e-8, gap: 1e-8, infeasibility: 1e-8))

  @Test(arguments: LayerFixtures.names)
  func `layers with parameters reach the solutions of the references`(name: String) throws {
    let (layer, data) = try Self.load(name)
    let solution = try layer.problem.solve(Self.tight, parameters: Self.point(layer, data))
    #expect(solution.status == .solved || solution.status == .solvedToReducedAccuracy)
    for (name, output) in layer.outputs {
      let expected = try data.matrix("solution_\(name)")
      let value = solution.value(of: output)
      #expect(maximumAbsoluteDifference(value.elements, expected.elements) < 1e-6)
    }
  }

  @Test(arguments: LayerFixtures.names)
  func `refilled problems move as the derivatives of the references say`(name: String) throws {
    let (layer, data) = try Self.load(name)
    let compiled = CompiledProblem(layer.problem, settings: Self.tight)
    // Its objective is so flat that a gap of 1e-12 leaves solutions 1e-6 apart.
    let isFlat = name == "robust_lp"
    let step = isFlat ? 1e-3 : 1e-4
    let ahead = try compiled.solve(parameters: Self.point(layer, data, along: step))
    let behind = try compiled.solve(parameters: Self.point(layer, data, along: -step))
    for (name, output) in layer.outputs {
      let expected = try data.matrix("jvp_\(name)").vector
      let difference = ahead.value(of: output).vector - behind.value(of: output).vector
      let scale = max(1, expected.infinityNorm)
      #expect(((0.5 / step) * difference - expected).infinityNorm < (isFlat ? 2e-3 : 1e-4) * scale)
    }
  }

  @Test(arguments: LayerFixtures.names)
  func `the program's numbers move with the parameters as their derivative says`(
    name: String
  ) throws {
    let (layer, data) = try Self.load(name)
    try check(layer.problem, at: { try Self.point(layer, data, along: $0) }, seed: 3)
  }

  /// The tangent of the numbers against a central difference, and their adjoint against the tangent.
  private func check(
    _ problem: Problem, at point: (Double) throws -> Assignment, seed: UInt64
  ) throws {
    let form = problem.form
    let (here, h) = (try form.point(point(0)), 3e-7)
    let (values, ahead, behind) = try (point(0), point(h), point(-h))
    var tangents: [ObjectIdentifier: [Double]] = [:]
    for (leaf, _) in form.parameters {
      let (a, b) = (try #require(ahead[leaf]), try #require(behind[leaf]))
      tangents[leaf.id] = zip(a.elements, b.elements).map { ($0 - $1) / (2 * h) }
      #expect(values[leaf] != nil)
    }
    let tangent = form.pushForward(tangents, at: here).all
    let (p, m) = try (
      form.numbers(at: form.point(ahead).values).all,
      form.numbers(at: form.point(behind).values).all
    )
    for (k, slope) in tangent.enumerated() {
      #expect(abs((p[k] - m[k]) / (2 * h) - slope) < 1e-6 * max(1, abs(slope)))
    }
    var generator = SeededGenerator(seed: seed)
    let gradient = form.numbers(at: here.values).map { _ in generator.normal() }
    let adjoint = form.pullBack(gradient, at: here)
    let left = zip(gradient.all, tangent).reduce(0) { $0 + $1.0 * $1.1 }
    let right = tangents.reduce(0) { sum, tangent in
      zip(tangent.value, adjoint[tangent.key] ?? []).reduce(sum) { $0 + $1.0 * $1.1 }
    }
    #expect(abs(left - right) < 1e-10 * max(1, abs(left)))
  }

  @Test func `functions of parameters and products of them are refilled and differentiated`() throws
  {
    let x = Variable(3, name: "x"), p = Parameter(.nonnegative, name: "p")
    let q = Parameter(3, .nonnegative, name: "q"), a = Parameter(3, 3, name: "a")
    let s = Parameter(3, 3, .positiveSemidefinite, name: "s")
    let inner = p * (a * x - q / p)
    let problem = try Problem(
      minimize: p * quadForm(x, s) + sum(multiply(log(q), x)) + square(p) * norm2(inner)
        + dot(sqrt(q), a * a * x) + sumSquares(inner + logSumExp(q)) / p + power(p, 3),
      subjectTo: [
        norm2(q) * x[0] <= max(q) + entropy(q), klDivergence(x, q) <= 10 * normInf(q),
        x.transposed * a <= 3 + abs(p) + norm1(q) + geometricMean(q) + inversePositive(p),
        x >= -huber(p, 1) - logistic(p) - min(q) - norm(q, 3) - harmonicMean(q),
        x <= 5 + sumLargest(q, 2) + quadOverLin(q, p) + exp(-p) + p * totalVariation(q),
        x[1] <= 20 + quadForm(q, a) + relativeEntropy(q, a[0..<3, 0..<1] * p + 5),
      ])
    var generator = SeededGenerator(seed: 11)
    let start: [(Parameter, [Double], [Double])] = [
      (p, [0.7], [0.3]), (q, [0.5, 1.5, 0.9], (0..<3).map { _ in generator.normal() }),
      (a, (0..<9).map { _ in generator.normal() }, (0..<9).map { _ in generator.normal() }),
      (s, [2, 0.1, 0, 0.3, 1, 0, 0, 0, 1], (0..<9).map { _ in 0.1 * generator.normal() }),
    ]
    let point = { (t: Double) -> Assignment in
      start.reduce(into: [:]) { assignment, item in
        let (leaf, value, direction) = item
        assignment[leaf] = Matrix(leaf.shape, zip(value, direction).map { $0 + t * $1 })
      }
    }
    try check(problem, at: point, seed: 12)
    // Refilled numbers against those of the same problem with constants in the parameters' place.
    let solution = try problem.solve(parameters: point(0))
    #expect(solution.status == .solved)
    #expect(abs(solution.objective - solution.value(of: problem.objective).scalar) < 1e-6)
  }

  @Test func `a batch is solved instance by instance, whatever the number of threads`() throws {
    let x = Variable(4, .nonnegative, name: "x"), y = Parameter(4, name: "y")
    let radius = Parameter(.nonnegative, name: "radius")
    let problem = try Problem(
      minimize: sumSquares(x - y), subjectTo: [sum(x) == 1, norm2(x) <= radius])
    var generator = SeededGenerator(seed: 5)
    var batch: [Assignment] = (0..<9).map { _ in
      [y: Vector((0..<4).map { _ in generator.normal() }), radius: 0.9]
    }
    batch[2][y] = Vector([1, .infinity, 0, 0]).matrix
    batch[4][radius] = 0.1.matrix
    batch[6] = [radius: 0.9]
    let one = problem.solve(batch: batch, threads: 1)
    let four = problem.solve(batch: batch, threads: 4)
    for (index, (a, b)) in zip(one, four).enumerated() {
      switch (a, b) {
      case (.success(let a), .success(let b)):
        #expect(a.value(of: x) == b.value(of: x))
        #expect(a.status == (index == 4 ? .primalInfeasible : .solved))
        let alone = try problem.solve(parameters: batch[index])
        #expect(alone.value(of: x) == a.value(of: x))
      case (.failure(let a), .failure(let b)):
        #expect(a == b && (index == 2 || index == 6))
      default: Issue.record("instance \(index) differs")
      }
    }
  }
}

extension CanonicalForm.Numbers {
  fileprivate var all: [Double] {
    quadratic + linear + constraints + rightHandSide + [constant]
  }

  fileprivate func map(_ body: (Double) -> Double) -> CanonicalForm.Numbers {
    CanonicalForm.Numbers(
      quadratic: quadratic.map(body), linear: linear.map(body), constraints: constraints.map(body),
      rightHandSide: rightHandSide.map(body), constant: body(constant))
  }
}
