import ConvexKit
import KLProjection

/// What can be wrong with an instance that `convex solve` is given.
enum SolveError: Error, Equatable {
  /// None of these arrays is in the file.
  case missing(path: String, arrays: String)
  /// An array is there and cannot be used.
  case unusable(path: String, array: String, reason: String)
  /// An array has another shape than the rest of the instance gives it.
  case shape(path: String, array: String, expected: String, actual: [Int])
  /// The arrays are no instance of Eq. 4.
  case invalid(path: String, ProjectionError)
  /// The arrays are no cone program.
  case invalidProgram(path: String, ConeProgramError)
  /// The cones in a file's metadata are no cones, or not those of the program.
  case cones(path: String, reason: String)
  /// The result would replace what it is computed from.
  case overwrites(path: String)
}

extension SolveError: CustomStringConvertible {
  var description: String {
    switch self {
    case .missing(let path, let arrays):
      "\(path): has no \(arrays); 'convex solve --help' lists the arrays of an instance"
    case .unusable(let path, let array, let reason):
      "\(path): \(array): \(reason)"
    case .shape(let path, let array, let expected, let actual):
      "\(path): \(array) has shape \(actual), expected \(expected)"
    case .invalid(let path, let error):
      "\(path): \(error)"
    case .invalidProgram(let path, let error):
      "\(path): \(error)"
    case .cones(let path, let reason):
      "\(path): cones: \(reason)"
    case .overwrites(let path):
      "\(path): is an input; write the result to another file"
    }
  }
}
