import ArrayFiles
import Foundation
import KLProjection

/// The arrays of an instance, each error naming the file and the array.
struct InstanceFile {
  let path: String
  /// The text that the file keeps with its arrays.
  let metadata: [String: String]
  private let arrays: [String: StoredArray]

  init(_ url: URL) throws {
    let file = try Safetensors(contentsOf: url)
    self.init(path: url.path, arrays: file.arrays, metadata: file.metadata)
  }

  init(path: String, arrays: [String: StoredArray], metadata: [String: String] = [:]) {
    self.path = path
    self.arrays = arrays
    self.metadata = metadata
  }

  func has(_ names: String...) -> Bool { names.allSatisfy { arrays[$0] != nil } }

  func shape(_ name: String) throws -> [Int] { try array(name).shape }

  func doubles(_ name: String) throws -> [Double] {
    let array = try array(name)
    return try reading(name) { () throws(ArrayFileError) in try array.doubles() }
  }

  func integers(_ name: String) throws -> [Int] {
    let array = try array(name)
    return try reading(name) { () throws(ArrayFileError) in try array.integers() }
  }

  /// The numbers of an array that must have a given shape.
  func doubles(_ name: String, shape: [Int]) throws -> [Double] {
    guard try self.shape(name) == shape else {
      throw SolveError.shape(
        path: path, array: name, expected: "\(shape)", actual: try self.shape(name))
    }
    return try doubles(name)
  }

  /// The weights of `count` maps: all 1 when the file has none.
  func weights(count: Int) throws -> [Double] {
    guard has("weights") else { return [Double](repeating: 1, count: count) }
    return try doubles("weights", shape: [count])
  }

  /// Maps that belong together, fine to coarse: their shapes must all be `[cells]`, or all
  /// `[batch, cells]` with the same batch.
  ///
  /// - Parameters:
  ///   - potentials: The names of the maps as potentials, which are preferred: they are exact.
  ///   - probabilities: The names of the maps as probabilities.
  /// - Returns: The maps, as potentials if the file has all of those.
  /// - Throws: ``SolveError`` naming the array that is missing or misshapen.
  func maps(potentials: [String], probabilities: [String]) throws -> InstanceMaps {
    let form: AttentionForm =
      potentials.allSatisfy { has($0) } ? .potentials : .probabilities
    let names = form == .potentials ? potentials : probabilities
    guard names.allSatisfy({ has($0) }) else {
      throw SolveError.missing(
        path: path,
        arrays: [potentials, probabilities].map { $0.joined(separator: ", ") }
          .joined(separator: " and no "))
    }
    let shapes = try names.map { try shape($0) }
    guard (1...2).contains(shapes[0].count) else {
      throw SolveError.shape(
        path: path, array: names[0], expected: "[cells] or [batch, cells]", actual: shapes[0])
    }
    for (name, shape) in zip(names, shapes)
    where shape.count != shapes[0].count || shape.dropLast() != shapes[0].dropLast() {
      let batch = shapes[0].count == 2 ? "[\(shapes[0][0]), cells]" : "[cells]"
      throw SolveError.shape(
        path: path, array: name, expected: "\(batch), like \(names[0])", actual: shape)
    }
    return InstanceMaps(form: form, shapes: shapes, values: try names.map { try doubles($0) })
  }

  /// Runs `body`, saying of what is wrong with the instance in which file.
  func checking<Result>(_ body: () throws(ProjectionError) -> Result) throws -> Result {
    do { return try body() } catch { throw SolveError.invalid(path: path, error) }
  }

  private func array(_ name: String) throws -> StoredArray {
    guard let array = arrays[name] else { throw SolveError.missing(path: path, arrays: name) }
    return array
  }

  private func reading<Result>(
    _ name: String, _ body: () throws(ArrayFileError) -> Result
  ) throws -> Result {
    do { return try body() } catch {
      throw SolveError.unusable(path: path, array: name, reason: "\(error)")
    }
  }
}

/// The attention maps of an instance, fine to coarse.
struct InstanceMaps {
  let form: AttentionForm
  /// The shape of each map's array, batch axis included.
  let shapes: [[Int]]
  let values: [[Double]]

  /// The number of samples; nil where there is no batch axis.
  var batch: Int? { shapes[0].count == 2 ? shapes[0][0] : nil }
  /// The number of cells of each map.
  var sizes: [Int] { shapes.map { $0[$0.count - 1] } }
}
