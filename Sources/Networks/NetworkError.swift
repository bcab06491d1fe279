/// What can be wrong with the data that a network is given.
///
/// Wrong programs (shapes inside an expression) are preconditions; these are errors of data and
/// of the machine.
@nonexhaustive
public enum NetworkError: Error, Equatable, Sendable {
  /// oneDNN refused an operation: `status` is its code, `operation` what was asked of it.
  case backend(operation: String, status: Int)
  /// An array does not have the shape that its operand must have.
  case shapeMismatch(operand: String, expected: [Int], actual: [Int])
}

extension NetworkError: CustomStringConvertible {
  /// The operand, the values and the remedy, on one line.
  public var description: String {
    switch self {
    case .backend(let operation, let status):
      "oneDNN refused \(operation) with status \(status) (\(Self.name(ofStatus: status))); "
        + "check the shapes, or free memory"
    case .shapeMismatch(let operand, let expected, let actual):
      "\(operand) has shape \(actual) and must have \(expected)"
    }
  }

  private static func name(ofStatus status: Int) -> String {
    let names = [
      "success", "out of memory", "invalid arguments", "unimplemented", "iterator ends",
      "runtime error", "not required",
    ]
    return names.indices.contains(status) ? names[status] : "unknown"
  }
}
