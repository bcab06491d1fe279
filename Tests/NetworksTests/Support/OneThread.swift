import CKernels

/// Calls `body` with one thread for every parallel loop of this thread, oneDNN's included.
func withOneThread<Result>(_ body: () throws -> Result) rethrows -> Result {
  let threads = ckernels_max_threads()
  ckernels_set_threads(1)
  defer { ckernels_set_threads(threads) }
  return try body()
}
