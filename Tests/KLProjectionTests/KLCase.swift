import ArrayFiles
import Foundation
import KLProjection
import TestSupport
import Testing

/// One case of the reference data: `Fixtures/README.md` says what the fields and arrays are.
struct KLCase: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let kind: String
  let file: String?
  let levels: Int
  let m: Int?
  let n: Int?
  let B: Int?
  let structure: String?
  let weights: [Double]?
  let data: String?
  let dist: Distribution?
  let fine_shape: [Int]?
  let coarse_shape: [Int]?
  let expected_status: String
  let also_acceptable: [String]?
  let lambda_gauge: String?
  let gradients: Bool?
  let inline: Inline?
  let result: Result?

  var testDescription: String { name }
  /// Whether the potentials spread over hundreds.
  var isExtreme: Bool { dist?.names.contains("extreme") ?? false }
  var isPartition: Bool { structure == "partition" }

  /// A case's distribution, or those of a batch.
  struct Distribution: Decodable, Sendable {
    let names: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      names = try (try? [container.decode(String.self)]) ?? container.decode([String].self)
    }
  }

  /// Input that stands in `cases.json` itself.
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

  /// A sparse matrix in `cases.json`.
  struct CSR: Decodable, Sendable {
    let n: Int
    let m: Int
    let indptr: [Int]
    let indices: [Int]
    let values: [Number]
  }

  /// A number, for which JSON may need a string.
  struct Number: Decodable, Sendable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Double.self) {
        value = number
      } else {
        let text = try container.decode(String.self)
        value = ["NaN": .nan, "Infinity": .infinity, "-Infinity": -.infinity][text] ?? .nan
      }
    }
  }

  /// An expected result in `cases.json`.
  struct Result: Decodable, Sendable {
    let mu: [Double]
    let nu: [Double]
    let lambda: [Double]
  }

  private struct Index: Decodable {
    let cases: [KLCase]
  }

  /// Every case.
  static let all: [KLCase] = {
    do {
      let url = try Fixture.url("cases.json", in: .module)
      return try JSONDecoder().decode(Index.self, from: Data(contentsOf: url)).cases
    } catch {
      preconditionFailure("cases.json: \(error)")
    }
  }()

  /// The cases of some kinds.
  static func cases(_ kinds: String...) -> [KLCase] { all.filter { kinds.contains($0.kind) } }

  /// The two-level cases with a file whose programs are feasible.
  static let solvable = all.filter {
    $0.levels == 2 && $0.file != nil && $0.expected_status == "optimal" && $0.kind != "penalty"
  }

  /// The arrays of the case's file.
  func arrays() throws -> KLArrays {
    KLArrays(try Safetensors(contentsOf: Fixture.url(file ?? name, in: .module)))
  }

  /// A, as the file gives it.
  func marginalization(_ arrays: KLArrays) throws -> Marginalization {
    if isPartition {
      return try Marginalization(
        labels: arrays.integers("labels"), coarseCount: n ?? 0)
    }
    return try Marginalization(
      rowStarts: arrays.integers("A_indptr"), columnIndices: arrays.integers("A_indices"),
      values: arrays["A_values"], fineCount: m ?? 0)
  }

  /// The projection that the case asks for.
  func projection(
    _ arrays: KLArrays, method: ProjectionSettings.Method = .automatic
  ) throws -> MarginalProjection {
    let weights = weights ?? [1, 1]
    return MarginalProjection(
      try marginalization(arrays),
      weights: try ProjectionWeights(fine: weights[0], coarse: weights[1]),
      settings: ProjectionSettings(method: method))
  }

  /// The solution from the data that are exact.
  func project(
    _ arrays: KLArrays, method: ProjectionSettings.Method = .automatic
  ) throws -> ProjectionBatch<Double> {
    let projection = try projection(arrays, method: method)
    return data == "potentials"
      ? try projection.project(
        fine: arrays["phi_f"], coarse: arrays["phi_c"], as: .potentials)
      : try projection.project(fine: arrays["tau"], coarse: arrays["rho"])
  }
}

/// The arrays of a case.
struct KLArrays {
  private let file: Safetensors

  init(_ file: Safetensors) { self.file = file }

  func has(_ name: String) -> Bool { file.arrays[name] != nil }

  subscript(name: String) -> [Double] {
    get throws { try file.array(named: name).doubles() }
  }

  func integers(_ name: String) throws -> [Int] { try file.array(named: name).integers() }

  func floats(_ name: String) throws -> [Float] { try file.array(named: name).floats() }
}
