import ArrayFiles
import Foundation
import Testing

/// A case of the reference data of Eq. 4, which lie beside the tests of KLProjection.
struct SolveCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let kind: String
  let file: String?
  let expected_status: String
  let also_acceptable: [String]?
  let inline: Inline?
  let result: Result?

  var testDescription: String { name }

  /// A malformed instance, as numbers in JSON; those that JSON lacks are strings.
  struct Inline: Decodable, Sendable {
    let tau: [Number]?
    let rho: [Number]?
    let phi_f: [Number]?
    let phi_c: [Number]?
    let weights: [Number]
    let labels: [Int]?
    let n: Int
    let A_dense: [[Number]]?
    let A_csr: CSR?
  }

  struct CSR: Decodable, Sendable {
    let indptr: [Int]
    let indices: [Int]
    let values: [Number]
  }

  struct Result: Decodable, Sendable {
    let mu: [Double]
    let nu: [Double]
  }

  struct Number: Decodable, Sendable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      value =
        try (try? container.decode(Double.self))
        ?? (["Infinity": .infinity, "-Infinity": -.infinity][container.decode(String.self)] ?? .nan)
    }
  }

  private struct Index: Decodable { let cases: [SolveCase] }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("KLProjectionTests/Fixtures")

  static let all: [SolveCase] = {
    do {
      let data = try Data(contentsOf: folder.appendingPathComponent("cases.json"))
      return try JSONDecoder().decode(Index.self, from: data).cases
    } catch {
      preconditionFailure("cases.json: \(error)")
    }
  }()

  static let solvable = all.filter { $0.file != nil && $0.expected_status == "optimal" }
  static let infeasible = all.filter { $0.file != nil && $0.expected_status == "infeasible" }
  static let inline = all.filter { $0.inline != nil }

  func url() throws -> URL { Self.folder.appendingPathComponent(try #require(file)) }

  /// The arrays of an inline case.
  func arrays() throws -> [String: StoredArray] {
    let inline = try #require(inline)
    var arrays: [String: StoredArray] = ["n": StoredArray([Int64(inline.n)], shape: [1])]
    func add(_ name: String, _ numbers: [Number]?, shape: [Int]? = nil) {
      guard let values = numbers?.map(\.value) else { return }
      arrays[name] = StoredArray(values, shape: shape ?? [values.count])
    }
    func add(_ name: String, _ integers: [Int]?) {
      guard let integers else { return }
      arrays[name] = StoredArray(integers.map { Int64($0) }, shape: [integers.count])
    }
    add("tau", inline.tau)
    add("rho", inline.rho)
    add("phi_f", inline.phi_f)
    add("phi_c", inline.phi_c)
    add("weights", inline.weights)
    add("labels", inline.labels)
    if let rows = inline.A_dense {
      add("A_dense", rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
    }
    add("A_indptr", inline.A_csr?.indptr)
    add("A_indices", inline.A_csr?.indices)
    add("A_values", inline.A_csr?.values)
    return arrays
  }
}
