/// What can be wrong with an array file, or with what is asked of an array from one.
///
/// Every case carries what a person needs to find the fault: the file, the array, the value found
/// and the value expected. `description` says it in one line, with the remedy.
@nonexhaustive
public enum ArrayFileError: Error, Equatable, Sendable {
  /// The system could not open or read the file.
  case unreadable(path: String, reason: String)
  /// The system could not write the file; what was there before is unchanged.
  case unwritable(path: String, reason: String)
  /// The file is not of this format at all.
  case foreign(path: String, format: String)
  /// The file ends before the bytes that its header announces.
  case truncated(path: String, expected: Int, actual: Int)
  /// The file goes on after its last array.
  case trailingBytes(path: String, count: Int)
  /// The header is not well formed at this byte of the file.
  case malformedHeader(path: String, offset: Int, reason: String)
  /// Two arrays have the same name.
  case duplicateName(path: String, name: String)
  /// The element type of an array is none that this package reads.
  case unknownElementType(path: String, array: String, type: String)
  /// The shape of an array has more bytes than memory can address.
  case tooLarge(path: String, array: String, shape: [Int])
  /// The bytes of an array are not as many as its shape and element type need.
  case sizeMismatch(path: String, array: String, expected: Int, actual: Int)
  /// An array does not begin where the one before it ends: the two overlap, or leave a hole.
  case misplaced(path: String, array: String, expected: Int, actual: Int)
  /// The format has no element type for this array.
  case unsupportedElementType(path: String, type: ElementType)
  /// The file has no array of this name.
  case missingArray(name: String, available: [String])
  /// An element has no exact counterpart in the type that was asked for.
  case notRepresentable(index: Int, value: String, type: String)
}

extension ArrayFileError: CustomStringConvertible {
  /// One line: the file, what is wrong with it, what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)); check the name and the permissions"
    case .unwritable(let path, let reason):
      "\(path): cannot be written (\(reason)); check the folder, its permissions and free space"
    case .foreign(let path, let format):
      "\(path): is not a \(format) file; check that this is the file you meant"
    case .truncated(let path, let expected, let actual):
      "\(path): is cut short, \(actual) bytes of \(expected); copy or download it again"
    case .trailingBytes(let path, let count):
      "\(path): has \(count) bytes after its last array; copy or download it again"
    case .malformedHeader(let path, let offset, let reason):
      "\(path): malformed header at byte \(offset), \(reason); write the file again"
    case .duplicateName(let path, let name):
      "\(path): has two arrays named \"\(name)\"; write the file again with one of them"
    case .unknownElementType(let path, let array, let type):
      "\(path): array \"\(array)\" has element type \(type), which is not supported; convert it to "
        + "one of \(ElementType.allCases.map(\.rawValue).joined(separator: " "))"
    case .tooLarge(let path, let array, let shape):
      "\(path): array \"\(array)\" of shape \(shape) is too large; its header is probably damaged"
    case .sizeMismatch(let path, let array, let expected, let actual):
      "\(path): array \"\(array)\" has \(actual) bytes but its shape needs \(expected); "
        + "write the file again"
    case .misplaced(let path, let array, let expected, let actual):
      "\(path): array \"\(array)\" begins at byte \(actual) of the data, expected \(expected): "
        + "arrays overlap or leave a hole; write the file again"
    case .unsupportedElementType(let path, let type):
      "\(path): this format cannot store \(type.rawValue); convert the array or use safetensors"
    case .missingArray(let name, let available):
      "no array named \"\(name)\"; there are \(available.sorted().joined(separator: ", "))"
    case .notRepresentable(let index, let value, let type):
      "element \(index) is \(value), which is not exact as \(type); read it as another type"
    }
  }
}
