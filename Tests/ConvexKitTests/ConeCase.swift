import ArrayFiles
import ConvexKit
import Foundation
import TestSupport
import Testing

/// One cone program of the reference data: `Fixtures/cone/README.md` says what the fields are.
struct ConeCase: Sendable, CustomTestStringConvertible {
  /// Which entries of a vector are the same in every solution.
  enum Uniqueness: Sendable {
    case none
    case all
    case masked([Bool])

    /// Whether element `index` may be compared.
    func contains(_ index: Int) -> Bool {
      switch self {
      case .none: false
      case .all: true
      case .masked(let mask): mask[index]
      }
    }
  }

  let name: String
  let program: ConeProgram
  let status: SolveStatus
  /// Every status that is right.
  let accept: [SolveStatus]
  /// NaN where there is none.
  let optimum: Double
  /// How accurate the optimum is, relative to max(1, |optimum|).
  let rtol: Double
  let xUnique: Uniqueness
  let sUnique: Uniqueness
  let zUnique: Uniqueness
  /// The reference's x, s and z, or its certificate; empty where it stores none.
  let x: [Double]
  let s: [Double]
  let z: [Double]
  /// Whether s + z is inside on every face; where it is not, x is less accurate than the gap.
  let isStrictlyComplementary: Bool
  let tags: [String]

  var testDescription: String { name }
  func has(_ tag: String) -> Bool { tags.contains(tag) }

  /// Every case, read once.
  static func all() throws -> [ConeCase] { try cases.get() }
  /// The cases with a tag.
  static func all(tagged tag: String) throws -> [ConeCase] { try all().filter { $0.has(tag) } }
  /// The case of a name.
  static func named(_ name: String) throws -> ConeCase {
    try #require(try all().first { $0.name == name })
  }

  private static let cases = Result { () throws -> [ConeCase] in
    let url = try Fixture.url("cone/cases.json", in: .module)
    let index = try JSONDecoder().decode(Index.self, from: Data(contentsOf: url))
    return try index.programs.map(ConeCase.init)
  }

  private init(_ entry: Entry) throws {
    let file = try Safetensors(contentsOf: Fixture.url("cone/\(entry.file)", in: .module))
    func numbers(_ name: String) throws -> [Double] {
      file.arrays[name] == nil ? [] : try file.array(named: name).doubles()
    }
    func integers(_ name: String) throws -> [Int] { try file.array(named: name).integers() }
    func uniqueness(_ name: String, _ flag: Bool?) throws -> Uniqueness {
      if flag == true { return .all }
      if file.arrays["\(name)_unique"] == nil { return .none }
      return .masked(try integers("\(name)_unique").map { $0 == 1 })
    }
    let columnStarts = try integers("A_indptr")
    program = try ConeProgram(
      minimize: Vector(numbers("q")),
      quadratic: SymmetricSparseMatrix(
        order: entry.n, columnStarts: integers("P_indptr"), rowIndices: integers("P_indices"),
        values: numbers("P_values")),
      constraints: SparseMatrix(
        rows: entry.m, columns: entry.n, columnStarts: columnStarts,
        rowIndices: integers("A_indices"), values: numbers("A_values")),
      rightHandSide: Vector(numbers("b")), cones: entry.cones.flatMap(\.cones))
    name = entry.name
    status = try ConeCase.status(entry.status)
    accept = try (entry.accept ?? [entry.status]).map(ConeCase.status)
    optimum = entry.optimum ?? .nan
    rtol = entry.rtol ?? .nan
    xUnique = try uniqueness("x", entry.unique?["x"])
    sUnique = try uniqueness("s", entry.unique?["s"])
    zUnique = try uniqueness("z", entry.unique?["z"])
    x = try numbers("x")
    s = try numbers("s")
    z = try numbers("z")
    isStrictlyComplementary = entry.strictly_complementary ?? true
    tags = entry.tags
  }

  private static func status(_ name: String) throws -> SolveStatus {
    let statuses: [String: SolveStatus] = [
      "optimal": .solved, "primal_infeasible": .primalInfeasible,
      "dual_infeasible": .dualInfeasible,
    ]
    return try #require(statuses[name])
  }

  private struct Index: Decodable {
    let programs: [Entry]
  }

  private struct Entry: Decodable {
    let name: String
    let file: String
    let tags: [String]
    let n: Int
    let m: Int
    let cones: [ConeBlockEntry]
    let status: String
    let accept: [String]?
    let optimum: Double?
    let rtol: Double?
    let unique: [String: Bool]?
    let strictly_complementary: Bool?
  }
}
