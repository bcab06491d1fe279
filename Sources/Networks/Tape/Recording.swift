/// Whether applications are recorded for a later backward walk, and what counts as variable.
enum Recording {
  @TaskLocal static var isOn = true
  /// The parameters that are differentiated; nil means those that are trainable.
  @TaskLocal static var variables: Set<ObjectIdentifier>?
  /// Whether the tape keeps every value.
  @TaskLocal static var keepsAll = false
}

/// Calls `body` without recording what it computes: nothing is kept for a backward walk.
public func withoutRecording<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  // TaskLocal's operation rethrows any error; the result carries the typed one through.
  let result: Swift.Result<Result, Failure> = Recording.$isOn.withValue(false) {
    do throws(Failure) {
      return .success(try body())
    } catch {
      return .failure(error)
    }
  }
  return try result.get()
}

/// Calls `body` with parameters as constants: it records what depends on inputs made by
/// ``Tensor/differentiable()``, and walks compute no gradients of weights.
///
/// - Parameters:
///   - variables: Parameters that are variable nevertheless, trainable or not: the tape begins where
///     they are used.
///   - body: The computation.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws.
public func withConstantParameters<Result, Failure: Error>(
  except variables: [Parameter] = [], _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let variables = Set(variables.map(ObjectIdentifier.init))
  let result: Swift.Result<Result, Failure> = Recording.$variables.withValue(variables) {
    do throws(Failure) {
      return .success(try body())
    } catch {
      return .failure(error)
    }
  }
  return try result.get()
}

/// Calls `body` with a tape that keeps the operands and results of all applications, for walks by
/// other rules than the primitives' own: nothing that they look at has to be computed again.
package func withAllValuesKept<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> Result {
  let result: Swift.Result<Result, Failure> = Recording.$keepsAll.withValue(true) {
    do throws(Failure) {
      return .success(try body())
    } catch {
      return .failure(error)
    }
  }
  return try result.get()
}

/// Calls `body` with recording on, wherever it is called: for a rule that walks a layer of its own
/// back while the tape it belongs to is being walked.
package func withRecording<Result>(_ body: () -> Result) -> Result {
  Recording.$isOn.withValue(true) { body() }
}
