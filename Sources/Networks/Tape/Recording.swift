/// Whether applications are recorded for a later backward walk.
enum Recording {
  @TaskLocal static var isOn = true
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
