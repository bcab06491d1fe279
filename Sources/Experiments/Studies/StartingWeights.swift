import ArrayFiles
import Foundation
import Networks

extension Module {
  /// Takes over the weights of another network of the same build. What this one has besides (gates, λ)
  /// stays as it is, and what it lacks is left out.
  ///
  /// - Throws: `CheckpointError` if a weight that both have is misshapen; nothing has changed then.
  func start(from other: any Module) throws(CheckpointError) {
    var arrays = state
    for (name, array) in other.state where arrays[name] != nil { arrays[name] = array }
    try load(arrays, path: "the baseline's weights")
  }

  /// Takes over published weights. The classifying layer stays as it is where the file has none, or
  /// one for other classes; gates and λ may be missing.
  ///
  /// - Parameters:
  ///   - path: A safetensors file.
  ///   - classifier: The path of the classifying layer.
  /// - Throws: `CheckpointError` with all other differences; nothing has changed then.
  func start(fromFile path: String, classifier: String) throws(CheckpointError) {
    let file: Safetensors
    do {
      file = try Safetensors(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw .file(error)
    }
    let own = state
    var arrays = file.arrays
    for (name, array) in own {
      let isClassifier = name.hasPrefix(classifier + ".")
      let isGate = ["tau_k.", "tau_l.", "marginals."].contains { name.hasPrefix($0) }
      if isGate && arrays[name] == nil || isClassifier && arrays[name]?.shape != array.shape {
        arrays[name] = array
      }
    }
    try load(arrays, path: path)
  }
}
