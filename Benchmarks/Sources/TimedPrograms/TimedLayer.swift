import ArrayFiles
import ConvexKit
import Foundation

/// A batch of samples forward through a layer, and cotangents back.
///
/// The file has `parameter_K` and `cotangent_K`, K from 0 in the order of the layer, with a leading
/// batch axis. What it finds is a file beside it with `gradient_K`.
struct TimedLayer: TimedWork {
  private let layer: ConvexLayer
  private let parameters: [[Matrix<Double>]]
  private let cotangents: [[Matrix<Double>]]
  private let result: URL

  init(name: String, url: URL) throws {
    guard let parts = try Layers.all[name]?() else { throw BadRequest(request: [name]) }
    layer = try ConvexLayer(
      parts.problem, parameters: parts.parameters, variables: parts.variables)
    let file = try Safetensors(contentsOf: url)
    parameters = try TimedLayer.samples("parameter", parts.parameters.count, file)
    cotangents = try TimedLayer.samples("cotangent", parts.variables.count, file)
    result = url.appendingPathExtension("ours")
  }

  /// Per sample the values of every operand, numbers as 1 × 1 and vectors as columns.
  private static func samples(
    _ name: String, _ count: Int, _ file: Safetensors
  ) throws -> [[Matrix<Double>]] {
    let operands = try (0..<count).map { index in
      let array = try file.array(named: "\(name)_\(index)")
      let (elements, shape) = (try array.doubles(), array.shape + [1, 1])
      let (rows, columns) = (shape[1], shape[2])
      return (0..<shape[0]).map { sample in
        Matrix(rows: rows, columns: columns) {
          elements[(sample * rows + $0) * columns + $1]
        }
      }
    }
    return operands[0].indices.map { sample in operands.map { $0[sample] } }
  }

  func answer() throws -> String {
    let batch = layer.solve(parameters, threads: 1)
    let gradients = try batch.pullBack(cotangents, threads: 1).map { try $0.get().parameters }
    var arrays: [String: StoredArray] = [:]
    for index in layer.parameters.indices {
      let values = gradients.flatMap { TimedLayer.rows($0[index]) }
      arrays["gradient_\(index)"] = StoredArray(values, shape: [values.count])
    }
    try Safetensors(arrays: arrays).write(to: result)
    return result.path
  }

  private static func rows(_ matrix: Matrix<Double>) -> [Double] {
    (0..<matrix.rows).flatMap { i in (0..<matrix.columns).map { matrix[i, $0] } }
  }

  func run() throws {
    _ = layer.solve(parameters, threads: 1).pullBack(cotangents, threads: 1)
  }
}
