import ArrayFiles

/// What can be wrong with a file of weights or of a training's state.
///
/// Whatever is thrown, nothing was assigned and no file was changed.
@nonexhaustive
public enum CheckpointError: Error, Equatable, Sendable {
  /// The file cannot be read or written, or is not a safetensors file.
  case file(ArrayFileError)
  /// The arrays are not those that are needed: all differences at once.
  case mismatch(path: String, StateMismatch)
  /// The file has arrays, but is not a checkpoint of this package, or is damaged: `reason` says
  /// what is missing.
  case notCheckpoint(path: String, reason: String)
  /// The checkpoint was written by a later version of this package.
  case unknownVersion(path: String, version: Int, known: Int)
  /// The checkpoint holds the state of another optimizer.
  case optimizerMismatch(path: String, expected: String, actual: String)
}

extension CheckpointError: CustomStringConvertible {
  /// The file, what is wrong with it, what to do, on one line.
  public var description: String {
    switch self {
    case .file(let error):
      error.description
    case .mismatch(let path, let mismatch):
      "\(path): does not fit the network: \(mismatch)"
    case .notCheckpoint(let path, let reason):
      "\(path): is not a checkpoint (\(reason)); weights alone are loaded with load(contentsOf:)"
    case .unknownVersion(let path, let version, let known):
      "\(path): is a checkpoint of version \(version), and version \(known) is the latest known "
        + "here; update this package"
    case .optimizerMismatch(let path, let expected, let actual):
      "\(path): holds the state of \(actual) and the training uses \(expected); "
        + "resume with \(actual), or start from the weights alone"
    }
  }
}
