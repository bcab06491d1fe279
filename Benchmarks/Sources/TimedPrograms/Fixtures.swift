import ArrayFiles
import ConvexKit
import Foundation

/// The reference data of cone programs, models and layers: its README says what the fields are.
struct Fixtures {
  private let folder: URL
  private let programs: [String: ConeProgram]
  private let models: [String: ModelData]

  init(_ folder: URL) throws {
    self.folder = folder
    let data = try Data(contentsOf: folder.appendingPathComponent("cases.json"))
    let index = try JSONDecoder().decode(Index.self, from: data)
    var programs: [String: ConeProgram] = [:]
    for entry in index.programs {
      let file = try Safetensors(contentsOf: folder.appendingPathComponent(entry.file))
      programs[entry.name] = try entry.program(file)
    }
    self.programs = programs
    var models: [String: ModelData] = [:]
    for entry in index.models {
      let file = try entry.file.map {
        try Safetensors(contentsOf: folder.appendingPathComponent($0))
      }
      models[entry.name] = ModelData(arrays: file?.arrays ?? [:], scalars: entry.scalars)
    }
    self.models = models
  }

  /// What a request asks for.
  func work(_ request: [String]) throws -> any TimedWork {
    switch (request.first, request.count) {
    case ("cone", 2):
      guard let program = programs[request[1]] else { throw BadRequest(request: request) }
      return TimedProgram(program: program)
    case ("model", 2):
      guard let data = models[request[1]], let build = Models.all[request[1]] else {
        throw BadRequest(request: request)
      }
      return TimedModel(data: data, build: build)
    case ("layer", 3):
      return try TimedLayer(name: request[1], url: URL(fileURLWithPath: request[2]))
    default: throw BadRequest(request: request)
    }
  }

  private struct Index: Decodable {
    let programs: [Program]
    let models: [Model]
  }

  private struct Model: Decodable {
    let name: String
    let file: String?
    let scalars: [String: Double]
  }

  private struct Program: Decodable {
    let name: String
    let file: String
    let n: Int
    let m: Int
    let cones: [Block]

    func program(_ file: Safetensors) throws -> ConeProgram {
      func numbers(_ name: String) throws -> [Double] { try file.array(named: name).doubles() }
      func integers(_ name: String) throws -> [Int] { try file.array(named: name).integers() }
      return try ConeProgram(
        minimize: Vector(numbers("q")),
        quadratic: SymmetricSparseMatrix(
          order: n, columnStarts: integers("P_indptr"), rowIndices: integers("P_indices"),
          values: numbers("P_values")),
        constraints: SparseMatrix(
          rows: m, columns: n, columnStarts: integers("A_indptr"),
          rowIndices: integers("A_indices"), values: numbers("A_values")),
        rightHandSide: Vector(numbers("b")), cones: cones.flatMap(\.cones))
    }
  }

  private struct Block: Decodable {
    let type: String
    let dim: Int
    let count: Int
    let alpha: Double?

    var cones: [Cone] {
      let cone: Cone =
        switch type {
        case "zero": .zero(dim)
        case "nonneg": .nonnegative(dim)
        case "soc": .secondOrder(dim)
        case "exp": .exponential
        default: .power(alpha: alpha ?? .nan)
        }
      return Array(repeating: cone, count: count)
    }
  }
}

/// A cone program whose data are checked; the solver's set-up is part of the work.
struct TimedProgram: TimedWork {
  let program: ConeProgram

  func answer() throws -> String {
    let solution = program.solve()
    return "\(solution.status) \(solution.objective)"
  }

  func run() throws { _ = program.solve() }
}

/// A problem that is written down and solved.
struct TimedModel: TimedWork {
  let data: ModelData
  let build: Models.Builder

  func answer() throws -> String {
    let solution = try build(data).solve()
    return "\(solution.status) \(solution.objective)"
  }

  func run() throws { _ = try build(data).solve() }
}

/// Arrays and numbers by name, as the package has them.
struct ModelData {
  var arrays: [String: StoredArray]
  var scalars: [String: Double]

  /// A row-major array as a matrix; vectors are columns.
  func matrix(_ name: String) throws -> Matrix<Double> {
    let array = try array(name)
    let elements = try array.doubles()
    let columns = array.shape.count > 1 ? array.shape[1] : 1
    return Matrix(rows: array.shape.first ?? 1, columns: columns) { elements[$0 * columns + $1] }
  }

  func vector(_ name: String) throws -> Vector<Double> { Vector(try array(name).doubles()) }

  func scalar(_ name: String) throws -> Double {
    guard let value = scalars[name] else { throw BadRequest(request: [name]) }
    return value
  }

  private func array(_ name: String) throws -> StoredArray {
    guard let array = arrays[name] else { throw BadRequest(request: [name]) }
    return array
  }
}
