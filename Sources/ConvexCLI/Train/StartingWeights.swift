import ArrayFiles
import Foundation
import Networks

/// Weights that a network starts from: a file of weights, or a checkpoint's.
struct StartingWeights {
  private let arrays: [String: StoredArray]
  private let path: String

  /// Parts of a network that the file may lack.
  private static let optional = ["tau_k.", "tau_l.", "marginals.", "fc."]

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

  /// Gives a network these weights. Gates, λ and the classifying layer stay as they are where the
  /// file has none, and are left out where the network has none; all else must fit.
  ///
  /// - Throws: `CheckpointError` with all differences; nothing has changed then.
  func apply(to model: some Module) throws {
    let state = model.state
    func mayDiffer(_ name: String) -> Bool { Self.optional.contains { name.hasPrefix($0) } }
    var chosen = arrays.filter { state[$0.key] != nil || !mayDiffer($0.key) }
    for (name, array) in state where chosen[name] == nil && mayDiffer(name) { chosen[name] = array }
    try model.load(chosen, path: path)
  }
}
