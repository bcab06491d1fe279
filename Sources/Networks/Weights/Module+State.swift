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
  /// else. F32, F64, F16 and BF16 are read; values are rounded to F32 where that is needed.
  ///
  /// - Parameter url: The file.
  /// - Throws: ``CheckpointError/file(_:)`` or, with all differences in one error,
  ///   ``CheckpointError/mismatch(path:_:)``. Nothing has changed then.
  public func load(contentsOf url: URL) throws(CheckpointError) {
    let file: Safetensors
    do {
      file = try Safetensors(contentsOf: url)
    } catch {
      throw .file(error)
    }
    try load(file.arrays, path: url.path)
  }

  /// Takes over weights, strictly.
  ///
  /// - Parameters:
  ///   - arrays: Every parameter and every buffer by name, and nothing else.
  ///   - path: What to call their source in errors.
  /// - Throws: As ``load(contentsOf:)``. Nothing has changed then.
  public func load(
    _ arrays: [String: StoredArray], path: String = "weights"
  ) throws(CheckpointError) {
    try loading(arrays, path: path)()
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

  /// Checks that arrays fit, and returns their assignment, which cannot fail.
  func loading(
    _ arrays: [String: StoredArray], path: String
  ) throws(CheckpointError) -> () -> Void {
    let (parameters, buffers) = (namedParameters(), namedBuffers())
    try check(arrays, parameters, buffers, path: path)
    do {
      var assignments: [() -> Void] = []
      for (name, parameter) in parameters {
        guard let array = arrays[name] else { continue }
        let tensor = Tensor(try array.floats(), shape: parameter.shape)
        assignments.append { parameter.value = tensor }
      }
      for (name, buffer) in buffers {
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

  private func check(
    _ arrays: [String: StoredArray], _ parameters: [(name: String, parameter: Parameter)],
    _ buffers: [(name: String, buffer: Buffer)], path: String
  ) throws(CheckpointError) {
    var needed: [String: [Int]] = [:]
    var counters: Set<String> = []
    for (name, parameter) in parameters { needed[name] = parameter.shape }
    for (name, buffer) in buffers {
      switch buffer.content {
      case .tensor(let tensor): needed[name] = tensor.shape
      case .count:
        needed[name] = []
        counters.insert(name)
      }
    }
    let mismatch = StateMismatch(needed: needed, counters: counters, in: arrays)
    guard mismatch.isEmpty else { throw .mismatch(path: path, mismatch) }
  }
}
