import ArrayFiles

/// What `convex solve` found, of either kind: arrays for a file, numbers for a reader.
protocol Outcome {
  /// The arrays of the result file.
  var arrays: [String: StoredArray] { get }
  /// Text that goes with them.
  var metadata: [String: String] { get }
  /// One line per instance.
  var lines: [String] { get }
  /// How the process ends.
  var code: Int32 { get }
  /// The numbers of every instance.
  func json() throws -> String
  /// What is not solved, on one line; nil if everything is.
  func complaint(path: String) -> String?
}
