import COneDNN

/// oneDNN's CPU engine and the stream that its operations run on.
///
/// `@unchecked Sendable`: both handles are made once and never changed; a CPU stream without a
/// thread pool of its own keeps no state between operations.
final class Engine: @unchecked Sendable {
  static let shared = Engine()

  let handle: dnnl_engine_t
  let stream: dnnl_stream_t
  /// Whether this processor has instructions that multiply bfloat16 numbers, which oneDNN uses.
  let multipliesBFloat16: Bool

  private init() {
    var engine: dnnl_engine_t?
    var stream: dnnl_stream_t?
    let status = dnnl_engine_create(&engine, dnnl_cpu, 0)
    if let engine { _ = dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue) }
    guard let engine, let stream else {
      preconditionFailure("oneDNN has no CPU engine (status \(status.rawValue))")
    }
    self.handle = engine
    self.stream = stream
    // oneDNN numbers sets of instructions by bits, each set with those of all that it includes.
    let (isa, least) = (
      dnnl_get_effective_cpu_isa().rawValue, dnnl_cpu_isa_avx512_core_bf16.rawValue
    )
    multipliesBFloat16 = isa & least == least
  }
}

/// Throws unless oneDNN succeeded.
func check(
  _ status: dnnl_status_t, _ operation: @autoclosure () -> String
) throws(NetworkError) {
  guard status == dnnl_success else {
    throw .backend(operation: operation(), status: Int(status.rawValue))
  }
}

/// Runs a call into oneDNN from inside a tensor expression, where shapes have been checked and a
/// failure is a wrong program.
func expecting<Result>(
  _ body: () throws(NetworkError) -> Result
) -> Result {
  do throws(NetworkError) {
    return try body()
  } catch {
    preconditionFailure(error.description)
  }
}
