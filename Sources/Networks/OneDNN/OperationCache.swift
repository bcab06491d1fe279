import ConvexKit
import Synchronization

/// What tells one compiled operation from another.
struct OperationKey: Hashable {
  enum Kind: UInt8 {
    case reorder, convolution, convolutionBackwardData, convolutionBackwardWeights
    case subPixelConvolution
    case elementwise, elementwiseBackward, softmax, softmaxBackward, matrixProduct
  }

  let kind: Kind
  /// Shapes, settings and the identifiers of layouts, in an order that the kind fixes.
  let numbers: [Int]
  /// oneDNN splits the work among threads when an operation is compiled.
  let threads: Int

  init(_ kind: Kind, _ numbers: [Int]) {
    self.kind = kind
    self.numbers = numbers
    threads = Parallel.defaultThreadCount
  }
}

/// Compiled operations, kept for the life of the process: compiling takes milliseconds, running a
/// small one a microsecond.
enum OperationCache {
  private static let table = Mutex<[OperationKey: Operation]>([:])

  /// The operation of a key, compiled on first use.
  static func operation(
    _ key: OperationKey, make: () throws(NetworkError) -> Operation
  ) throws(NetworkError) -> Operation {
    if let known = table.withLock({ $0[key] }) { return known }
    // Compiled outside the lock: two threads may do it twice, and the first one's is kept.
    let made = try make()
    return table.withLock { table in
      if let known = table[key] { return known }
      table[key] = made
      return made
    }
  }
}
