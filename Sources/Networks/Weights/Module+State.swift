import ArrayFiles
import Foundation

// The state of a module is its parameters and buffers by name: PyTorch's state dict. Arrays are
// row-major in PyTorch's order of axes (weights of convolutions are [out, in, height, width]),
// whatever order the parameters lie in here.
extension Module {
  /// The parameters and buffers by name.
  public var state: [String: StoredArray] {
    var arrays: [String: StoredArray] = [:]
    for (name, parameter) in namedParameters() {
      arrays[name] = StoredArray(parameter.value.elements, shape: parameter.shape)
    }
    for (name, buffer) in namedBuffers() {
      switch buffer.content {
      case .tensor(let tensor): arrays[name] = StoredArray(tensor.elements, shape: tensor.shape)
      case .count(let count): arrays[name] = StoredArray([Int64(count)], shape: [])
      }
    }
    return arrays
  }

  /// Takes over the weights of a safetensors file, strictly.
  ///
  /// Every parameter and every buffer must be there under its name and with its shape, and nothing
  /// else, but for the differences that are allowed. F32, F64, F16 and BF16 are read; values are
  /// rounded to F32 where that is needed.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - differences: What the file may differ in; nothing unless given.
  /// - Returns: The names of what was not in the file and keeps its value, sorted.
  /// - Throws: ``CheckpointError/file(_:)`` or, with all differences that are not allowed in one
  ///   error, ``CheckpointError/mismatch(path:_:)``. Nothing has changed then.
  @discardableResult
  public func load(
    contentsOf url: URL, allowing differences: AllowedDifferences = .none
  ) throws(CheckpointError) -> [String] {
    try load(Safetensors.arrays(contentsOf: url), path: url.path, allowing: differences)
  }

  /// Takes over weights, strictly.
  ///
  /// - Parameters:
  ///   - arrays: Every parameter and every buffer by name, and nothing else.
  ///   - path: What to call their source in errors.
  ///   - differences: What the arrays may differ in; nothing unless given.
  /// - Returns: The names of what was not there and keeps its value, sorted.
  /// - Throws: As ``load(contentsOf:allowing:)``. Nothing has changed then.
  @discardableResult
  public func load(
    _ arrays: [String: StoredArray], path: String = "weights",
    allowing differences: AllowedDifferences = .none
  ) throws(CheckpointError) -> [String] {
    let (chosen, kept) = chosen(from: arrays, allowing: differences)
    try loading(chosen, path: path, keeping: kept)()
    return kept.sorted()
  }

  /// Writes the parameters and buffers as a safetensors file, whole or not at all.
  ///
  /// - Parameter url: The file; one that exists is replaced.
  /// - Throws: ``CheckpointError/file(_:)``.
  public func save(to url: URL) throws(CheckpointError) {
    do {
      try Safetensors(arrays: state).write(to: url)
    } catch {
      throw .file(error)
    }
  }

  /// The arrays that are to be taken over, and the names of what keeps its value instead.
  private func chosen(
    from arrays: [String: StoredArray], allowing differences: AllowedDifferences
  ) -> (arrays: [String: StoredArray], kept: Set<String>) {
    let (shapes, counters) = shapes
    // One array of another shape, and all that lies under its path keeps its value.
    let changed = differences.misshapen.filter { path in
      arrays.contains { name, array in
        AllowedDifferences.lies(name, under: [path]) && shapes[name] != nil
          && shapes[name] != array.shape
      }
    }
    let kept = shapes.keys.filter { name in
      if AllowedDifferences.lies(name, under: changed) { return true }
      guard arrays[name] == nil else { return false }
      return AllowedDifferences.lies(name, under: differences.missing)
        || (differences.missingCounters && counters.contains(name))
    }
    let chosen = arrays.filter { name, _ in
      !kept.contains(name)
        && (shapes[name] != nil || !AllowedDifferences.lies(name, under: differences.extra))
    }
    return (chosen, Set(kept))
  }

  /// The shapes of the parameters and buffers by name, and the names that are counters.
  private var shapes: (shapes: [String: [Int]], counters: Set<String>) {
    var shapes: [String: [Int]] = [:]
    var counters: Set<String> = []
    for (name, parameter) in namedParameters() { shapes[name] = parameter.shape }
    for (name, buffer) in namedBuffers() {
      switch buffer.content {
      case .tensor(let tensor): shapes[name] = tensor.shape
      case .count:
        shapes[name] = []
        counters.insert(name)
      }
    }
    return (shapes, counters)
  }

  /// Checks that arrays fit, and returns their assignment, which cannot fail.
  ///
  /// - Parameters:
  ///   - arrays: Every parameter and every buffer by name, but for those that are kept.
  ///   - path: What to call their source in errors.
  ///   - kept: Names of what keeps its value.
  /// - Returns: What takes the arrays over.
  /// - Throws: As ``load(contentsOf:allowing:)``.
  func loading(
    _ arrays: [String: StoredArray], path: String, keeping kept: Set<String> = []
  ) throws(CheckpointError) -> () -> Void {
    let (shapes, counters) = shapes
    let needed = shapes.filter { !kept.contains($0.key) }
    let mismatch = StateMismatch(needed: needed, counters: counters, in: arrays)
    guard mismatch.isEmpty else { throw .mismatch(path: path, mismatch) }
    do {
      var assignments: [() -> Void] = []
      for (name, parameter) in namedParameters() {
        guard let array = arrays[name] else { continue }
        let tensor = Tensor(try array.floats(), shape: parameter.shape)
        assignments.append { parameter.value = tensor }
      }
      for (name, buffer) in namedBuffers() {
        guard let array = arrays[name] else { continue }
        switch buffer.content {
        case .tensor(let old):
          let tensor = Tensor(try array.floats(), shape: old.shape)
          assignments.append { buffer.tensor = tensor }
        case .count:
          let count = try array.integers().first ?? 0
          assignments.append { buffer.count = count }
        }
      }
      return { for assign in assignments { assign() } }
    } catch {
      throw .file(error)
    }
  }
}

extension Safetensors {
  /// The arrays of a file, with the errors of a checkpoint.
  static func arrays(contentsOf url: URL) throws(CheckpointError) -> [String: StoredArray] {
    do {
      return try Safetensors(contentsOf: url).arrays
    } catch {
      throw .file(error)
    }
  }
}
