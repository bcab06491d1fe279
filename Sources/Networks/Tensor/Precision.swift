/// The numbers that convolutions multiply.
public enum Precision: String, Sendable, Codable, CaseIterable {
  /// IEEE single precision, 24 significant bits.
  case float32
  /// The upper half of a Float32: its range with 8 significant bits. A convolution rounds what it
  /// multiplies and its result; sums are Float32's. So does its pullback, but for the gradients of
  /// weights, which are Float32. Batch norms, ReLUs, max pools and attention gates behind it may keep
  /// their values in bfloat16, and compute in Float32. Everything else, parameters included, is Float32.
  ///
  /// Processors with AMX multiply these numbers several times as fast as Float32; on those without AMX and
  /// AVX512-BF16 products are computed in Float32, to the same values up to the order of sums. Values
  /// between layers take half the memory on any.
  case bfloat16

  /// What ``withPrecision(_:_:)`` says.
  @TaskLocal static var current = Precision.float32
}

/// Calls `body` with convolutions in the given precision. Their pullbacks follow them, wherever they
/// are called.
///
/// - Parameters:
///   - precision: The precision of convolutions whose settings do not name one.
///   - body: The computation.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws.
public func withPrecision<Result, Failure: Error>(
  _ precision: Precision, _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let result: Swift.Result<Result, Failure> = Precision.$current.withValue(precision) {
    do throws(Failure) {
      return .success(try body())
    } catch {
      return .failure(error)
    }
  }
  return try result.get()
}
