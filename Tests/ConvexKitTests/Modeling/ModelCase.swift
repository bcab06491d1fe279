import ArrayFiles
import ConvexKit
import Foundation
import TestSupport
import Testing

/// A modelled problem of the fixtures: data, and what is known of its solution.
struct ModelCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Unknown: Decodable, Sendable {
    var solution: String?
    var unique: Bool?
  }
  struct Dual: Decodable, Sendable { var array: String }

  var name: String
  var file: String?
  var scalars: [String: Double]
  var variables: [String: Unknown]
  var duals: [String: Dual]?
  var status: String
  var optimum: Double?
  var rtol: Double?
  var tags: [String]

  var testDescription: String { name }

  private struct Cases: Decodable { var models: [ModelCase] }

  static func all() throws -> [ModelCase] {
    let data = try Data(contentsOf: Fixture.url("cone/cases.json", in: .module))
    return try JSONDecoder().decode(Cases.self, from: data).models
  }

  func data() throws -> ModelData {
    guard let file else { return ModelData(scalars: scalars) }
    let url = try Fixture.url("cone/\(file)", in: .module)
    return ModelData(arrays: try Safetensors(contentsOf: url).arrays, scalars: scalars)
  }
}

/// Arrays and numbers by name, as the package has them.
struct ModelData {
  var arrays: [String: StoredArray] = [:]
  var scalars: [String: Double] = [:]

  func array(_ name: String) throws -> StoredArray { try #require(arrays[name]) }

  /// A row-major array as a matrix; vectors are columns.
  func matrix(_ name: String) throws -> Matrix<Double> {
    let array = try array(name)
    let elements = try array.doubles()
    let rows = array.shape.first ?? 1
    let columns = array.shape.count > 1 ? array.shape[1] : 1
    return Matrix(rows: rows, columns: columns) { elements[$0 * columns + $1] }
  }

  func vector(_ name: String) throws -> Vector<Double> { Vector(try array(name).doubles()) }

  func scalar(_ name: String) throws -> Double { try #require(scalars[name]) }
}

/// A problem made of a case, and what to compare.
struct BuiltModel {
  var problem: Problem
  /// Expressions whose values are the case's variables.
  var unknowns: [String: ConvexKit.Expression]
  var duals: [String: Constraint] = [:]
  /// From the problem's optimum to the case's.
  var optimum: @Sendable (Double) -> Double = { $0 }
}
