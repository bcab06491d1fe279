import ArrayFiles
import TestSupport
import Testing

@testable import ConvexKit

@Suite struct ConvexLayerTests {
  /// A layer of the references, its values, cotangents and tangents.
  private struct Reference {
    let layer: ConvexLayer
    let data: ModelData
    let parameterNames: [String]
    let outputNames: [String]

    init(_ name: String) throws {
      let url = try Fixture.url("cone/derivatives/\(name).safetensors", in: .module)
      data = ModelData(arrays: try Safetensors(contentsOf: url).arrays)
      let fixture = try LayerFixtures.layer(name, data)
      parameterNames = fixture.parameters.map(\.key)
      outputNames = fixture.outputs.map(\.key)
      layer = try ConvexLayer(
        fixture.problem, parameters: fixture.parameters.map(\.value),
        variables: fixture.outputs.map(\.value))
    }

    func parameters(_ prefix: String) throws -> [Matrix<Double>] {
      try zip(parameterNames, layer.parameters).map {
        Matrix($1.shape, try data.matrix("\(prefix)_\($0)").elements)
      }
    }

    func outputs(_ prefix: String) throws -> [Matrix<Double>] {
      try zip(outputNames, layer.variables).map {
        Matrix($1.shape, try data.matrix("\(prefix)_\($0)").elements)
      }
    }
  }

  private func relativeError(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
    maximumAbsoluteDifference(a.elements, b.elements)
      / max(1e-12, Vector(b.elements).infinityNorm)
  }

  @Test(arguments: LayerFixtures.names)
  func `gradients are those of the references`(name: String) throws {
    let reference = try Reference(name)
    let batch = reference.layer.solve([try reference.parameters("param")])
    let sample = batch.samples[0]
    #expect(sample.status == .solved)
    for (value, expected) in zip(sample.values, try reference.outputs("solution")) {
      #expect(maximumAbsoluteDifference(value.elements, expected.elements) < 1e-5)
    }
    let gradient = try batch.pullBack([try reference.outputs("cotangent")])[0].get()
    #expect(gradient.residual < 1e-6)
    for (value, expected) in zip(gradient.parameters, try reference.parameters("grad")) {
      #expect(relativeError(value, expected) < 1e-5)
    }
  }

  @Test(arguments: LayerFixtures.names)
  func `directions are those of the references`(name: String) throws {
    let reference = try Reference(name)
    let sample = reference.layer.solve([try reference.parameters("param")]).samples[0]
    let directions = try sample.pushForward(try reference.parameters("tangent"))
    for (value, expected) in zip(directions, try reference.outputs("jvp")) {
      #expect(relativeError(value, expected) < 1e-5)
    }
  }

  /// min ½‖x − y‖² over the simplex.
  private func sparsemax() throws -> ConvexLayer {
    let y = Parameter(3, name: "y")
    let x = Variable(3, .nonnegative, name: "x")
    let problem = try Problem(minimize: 0.5 * sumSquares(x - y), subjectTo: [sum(x) == 1])
    return try ConvexLayer(problem, parameters: [y], variables: [x])
  }

  private func column(_ elements: [Double]) -> Matrix<Double> {
    Matrix(rows: elements.count, columns: 1, elements: elements)
  }

  @Test func `a bad sample costs the others nothing`() throws {
    let layer = try sparsemax()
    let good = column([0.5, 0.2, -1])
    let batch = layer.solve([[good], [column([.nan, 0, 0])], [good]])
    #expect(
      batch.samples[1].error == .notFinite(operand: "y", index: 0, value: .nan)
        || batch.samples[1].error.map { "\($0)" }?.contains("element 0 of y") == true)
    #expect(batch.samples[0].values == batch.samples[2].values)
    let gradients = batch.pullBack(Array(repeating: [column([1, 0, 0])], count: 3))
    let first = try gradients[0].get()
    #expect(try gradients[2].get() == first)
    // On the support {0, 1}: dx = dy − mean dy.
    let expected = [0.5, -0.5, 0]
    #expect(maximumAbsoluteDifference(first.parameters[0].elements, expected) < 1e-10)
    guard case .failure(.refused) = gradients[1] else { return #expect(Bool(false)) }
  }

  @Test func `one thread and two agree to the bit`() throws {
    let layer = try sparsemax()
    var generator = SeededGenerator(seed: 11)
    let points = (0..<9).map { _ in
      [column((0..<3).map { _ in Double.random(in: -1...1, using: &generator) })]
    }
    let (one, two) = (layer.solve(points, threads: 1), layer.solve(points, threads: 2))
    #expect(one.samples.map(\.values) == two.samples.map(\.values))
    let cotangents = Array(repeating: [column([1, -2, 3])], count: 9)
    let a = try one.pullBack(cotangents, threads: 1).map { try $0.get() }
    #expect(try two.pullBack(cotangents, threads: 2).map { try $0.get() } == a)
  }

  @Test func `a kink has no derivative`() throws {
    // |x − y| at x = y = 0 with x ≥ 0 and its multiplier both 0.
    let y = Parameter(name: "y")
    let x = Variable(.nonnegative, name: "x")
    let layer = try ConvexLayer(
      Problem(minimize: square(x - y)), parameters: [y], variables: [x])
    let sample = layer.solve([[column([0])]]).samples[0]
    #expect(sample.status == .solved)
    #expect(throws: ConvexLayerError.self) { try sample.pullBack([column([1])]) }
  }

  @Test func `a solution that is not unique has no derivative`() throws {
    let c = Parameter(2, name: "c")
    let x = Variable(2, name: "x")
    let problem = try Problem(
      minimize: dot(c, x), subjectTo: [sum(x) == 1, x >= 0, x <= 1])
    let layer = try ConvexLayer(problem, parameters: [c], variables: [x])
    let sample = layer.solve([[column([1, 1])]]).samples[0]
    #expect(throws: ConvexLayerError.self) { try sample.pullBack([column([1, 0])]) }
  }

  @Test func `an infeasible sample has its status and no derivative`() throws {
    let b = Parameter(name: "b")
    let x = Variable(name: "x")
    let problem = try Problem(minimize: square(x), subjectTo: [x >= b, x <= 1])
    let layer = try ConvexLayer(problem, parameters: [b], variables: [x])
    let batch = layer.solve([[column([2])], [column([0.5])]])
    #expect(batch.samples[0].status == .primalInfeasible)
    #expect(batch.samples[1].status == .solved)
    guard
      case .failure(.noDerivative(.notSolved(.primalInfeasible, _))) =
        batch.pullBack([[column([1])], [column([1])]])[0]
    else { return #expect(Bool(false)) }
  }

  @Test func `what does not belong to the problem is refused by name`() throws {
    let (a, b) = (Parameter(name: "a"), Parameter(name: "b"))
    let (x, w) = (Variable(name: "x"), Variable(name: "w"))
    let problem = try Problem(minimize: square(x - a))
    #expect(throws: ModelingError.unknownParameter(name: "b")) {
      try ConvexLayer(problem, parameters: [a, b], variables: [x])
    }
    #expect(throws: ModelingError.missingValue(name: "a")) {
      try ConvexLayer(problem, parameters: [], variables: [x])
    }
    #expect(throws: ModelingError.unknownVariable(name: "w")) {
      try ConvexLayer(problem, parameters: [a], variables: [w])
    }
    let n = Variable(.integer, name: "n")
    let integer = try Problem(minimize: n - a, subjectTo: [n >= 0])
    #expect(throws: ModelingError.notDifferentiable) {
      try ConvexLayer(integer, parameters: [a], variables: [n])
    }
    let layer = try ConvexLayer(problem, parameters: [a], variables: [x])
    let sample = layer.solve([[column([1])]]).samples[0]
    #expect(
      throws: ConvexLayerError.shapeMismatch(
        operand: "the cotangent of x", expected: [1, 1], actual: [2, 1])
    ) { try sample.pullBack([column([1, 2])]) }
  }
}
