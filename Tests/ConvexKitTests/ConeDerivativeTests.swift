import ArrayFiles
import Foundation
import TestSupport
import Testing

@testable import ConvexKit

/// Derivatives of cone programs with respect to P, q, A and b, against the reference data.
@Suite struct ConeDerivativeTests {
  /// A program of the references with its directions.
  private struct Reference {
    let program: ConeProgram
    private let file: Safetensors
    /// Where each entry of A's compressed rows is in the compressed columns of the file.
    private let places: [Int]
    private let cotangents: [String]

    init(_ name: String) throws {
      let url = try Fixture.url("cone/derivatives/\(name).safetensors", in: .module)
      let stored = try Safetensors(contentsOf: url)
      let entry = try #require(try Self.entries().first { $0.name == name })
      cotangents = entry.cotangents ?? []
      func numbers(_ name: String) throws -> [Double] { try stored.array(named: name).doubles() }
      func indices(_ name: String) throws -> [Int] { try stored.array(named: name).integers() }
      let (starts, rows) = (try indices("A_indptr"), try indices("A_indices"))
      func matrix(_ values: [Double]) throws -> SparseMatrix<Double> {
        try SparseMatrix(
          rows: entry.m, columns: entry.n, columnStarts: starts, rowIndices: rows, values: values)
      }
      file = stored
      places = try matrix((0..<rows.count).map(Double.init)).values.map { Int($0) }
      program = try ConeProgram(
        minimize: Vector(numbers("q")),
        quadratic: SymmetricSparseMatrix(
          order: entry.n, columnStarts: indices("P_indptr"), rowIndices: indices("P_indices"),
          values: numbers("P_values")),
        constraints: matrix(numbers("A_values")), rightHandSide: Vector(numbers("b")),
        cones: entry.cones.flatMap(\.cones))
    }

    func numbers(_ name: String) throws -> [Double] { try file.array(named: name).doubles() }

    /// Numbers for the entries of A, row after row.
    func rows(_ name: String) throws -> [Double] {
      let columns = try numbers(name)
      return places.map { columns[$0] }
    }

    func cotangent() throws -> ConeTangent {
      let zeros = [Double](repeating: 0, count: program.rowCount)
      return ConeTangent(
        primal: Vector(try numbers("cotangent_x")),
        slack: Vector(cotangents.contains("s") ? try numbers("cotangent_s") : zeros),
        dual: Vector(cotangents.contains("z") ? try numbers("cotangent_z") : zeros))
    }

    static func entries() throws -> [Entry] {
      let url = try Fixture.url("cone/cases.json", in: .module)
      return try JSONDecoder().decode(Index.self, from: Data(contentsOf: url)).derivatives
    }

    private struct Index: Decodable { let derivatives: [Entry] }
  }

  private struct Entry: Decodable {
    let name: String
    let n: Int
    let m: Int
    let cones: [ConeBlockEntry]
    let cotangents: [String]?

    private enum Key: CodingKey { case name, n, m, cones, cotangents }

    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      name = try values.decode(String.self, forKey: .name)
      n = try values.decode(Int.self, forKey: .n)
      m = try values.decode(Int.self, forKey: .m)
      // Layers have none.
      cones = try values.decodeIfPresent([ConeBlockEntry].self, forKey: .cones) ?? []
      cotangents = try values.decodeIfPresent([String].self, forKey: .cotangents)
    }
  }

  private static let names = [
    "cone_qp", "cone_lp", "cone_mixed", "cone_mixed_quad", "cone_pnorm",
  ]

  private func relativeError(_ a: some Collection<Double>, _ b: [Double]) -> Double {
    b.isEmpty ? 0 : maximumAbsoluteDifference(a, b) / max(1e-12, Vector(b).infinityNorm)
  }

  @Test(arguments: names)
  func `gradients with respect to P, q, A and b are those of the references`(name: String) throws {
    let reference = try Reference(name)
    let derivative = try ConeDerivative(reference.program, at: reference.program.solve())
    let gradient = try derivative.pullBack(reference.cotangent())
    #expect(gradient.residual < 1e-10)
    #expect(relativeError(gradient.quadratic, try reference.numbers("grad_P")) < 1e-5)
    #expect(relativeError(gradient.linear, try reference.numbers("grad_q")) < 1e-5)
    #expect(relativeError(gradient.constraints, try reference.rows("grad_A")) < 1e-5)
    #expect(relativeError(gradient.rightHandSide, try reference.numbers("grad_b")) < 1e-5)
  }

  @Test(arguments: names)
  func `the derivative and its adjoint are adjoint`(name: String) throws {
    let reference = try Reference(name)
    let derivative = try ConeDerivative(reference.program, at: reference.program.solve())
    let tangent = ConeProgramTangent(
      quadratic: try reference.numbers("tangent_P"),
      linear: Vector(try reference.numbers("tangent_q")),
      constraints: try reference.rows("tangent_A"),
      rightHandSide: Vector(try reference.numbers("tangent_b")))
    let direction = try derivative.pushForward(tangent)
    #expect(relativeError(direction.primal, try reference.numbers("jvp_x")) < 1e-5)
    let cotangent = try reference.cotangent()
    let gradient = try derivative.pullBack(cotangent)
    let ahead =
      cotangent.primal.dot(direction.primal) + cotangent.slack.dot(direction.slack)
      + cotangent.dual.dot(direction.dual)
    let back =
      Vector(gradient.quadratic).dot(Vector(tangent.quadratic))
      + gradient.linear.dot(tangent.linear)
      + Vector(gradient.constraints).dot(Vector(tangent.constraints))
      + gradient.rightHandSide.dot(tangent.rightHandSide)
    #expect(relativeDifference(ahead, back) < 1e-8)
  }

  @Test(arguments: names)
  func `the point that is differentiated is exact to rounding`(name: String) throws {
    let reference = try Reference(name)
    let derivative = try ConeDerivative(reference.program, at: reference.program.solve())
    #expect(derivative.solution.residuals.largest < 1e-9)
    #expect(relativeError(derivative.solution.primal, try reference.numbers("x")) < 1e-8)
  }

  @Test func `only solutions have derivatives, and operands have shapes`() throws {
    let reference = try Reference("cone_qp")
    var settings = ConeSettings(method: .interiorPoint)
    settings.iterationLimit = 1
    let unsolved = reference.program.solve(settings)
    #expect(
      throws: ConeDerivativeError.notSolved(
        status: .iterationLimit, residual: unsolved.residuals.largest)
    ) { try ConeDerivative(reference.program, at: unsolved) }
    let derivative = try ConeDerivative(reference.program, at: reference.program.solve())
    #expect(throws: ConeDerivativeError.shapeMismatch(operand: "x", expected: 6, actual: 1)) {
      try derivative.pullBack(ConeTangent(primal: [1], rowCount: 11))
    }
  }
}
