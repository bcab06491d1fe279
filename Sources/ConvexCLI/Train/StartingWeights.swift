import ArrayFiles
import Foundation
import Networks

/// Weights that a network starts from: a file of weights, or a checkpoint's.
struct StartingWeights {
  private let arrays: [String: StoredArray]
  private let path: String

  /// Reads a file.
  ///
  /// - Throws: `ArrayFileError`.
  init(contentsOf url: URL) throws {
    let file = try Safetensors(contentsOf: url)
    path = url.path
    guard file.metadata["manifest"] != nil else {
      arrays = file.arrays
      return
    }
    var arrays: [String: StoredArray] = [:]
    for (name, array) in file.arrays where name.hasPrefix("model.") {
      arrays[String(name.dropFirst("model.".count))] = array
    }
    self.arrays = arrays
  }

  /// Gives a network these weights, which may differ in what published ones may, and may have gates
  /// and a λ that the network has not.
  ///
  /// - Throws: `CheckpointError` with all differences; nothing has changed then.
  func apply(to model: UNetEncoder) throws {
    var differences = model.publishedDifferences
    differences.extra += ["tau_k", "tau_l", "marginals"]
    try model.load(arrays, path: path, allowing: differences)
  }
}
