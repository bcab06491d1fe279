import CKernels
import COneDNN
import ConvexKit

/// Copies between layouts of the same shape, and between types of numbers.
enum Reorder {
  /// A copy of `memory`, which lies as `source` says, that lies as `destination` says.
  static func run(
    _ memory: Memory, from source: Layout, to destination: Layout
  ) throws(NetworkError) -> Memory {
    if source === destination { return memory }
    if source.holding(destination.numberType) === destination {
      return converted(memory, from: source, to: destination)
    }
    let types = [source.numberType, destination.numberType]
    if types == [.float32, .float32] || Engine.shared.multipliesBFloat16 {
      return try moved(memory, from: source, to: destination)
    }
    // On other processors oneDNN knows Float32 alone: places change in it.
    let (from, to) = (source.holding(.float32), destination.holding(.float32))
    let wide = from === source ? memory : converted(memory, from: source, to: from)
    let result = try moved(wide, from: from, to: to)
    return to === destination ? result : converted(result, from: to, to: destination)
  }

  /// Other numbers at the same places.
  private static func converted(
    _ memory: Memory, from source: Layout, to destination: Layout
  ) -> Memory {
    let result = Memory(byteCount: destination.byteCount)
    let count = Int64(source.byteCount / source.numberType.byteCount)
    let threads = Int32(Parallel.defaultThreadCount)
    if source.numberType == .bfloat16 {
      ckernels_widen(count, memory.halves, result.floats, threads)
    } else {
      ckernels_narrow(count, memory.floats, result.halves, threads)
    }
    withExtendedLifetime(memory) {}
    return result
  }

  /// Other places, by oneDNN.
  private static func moved(
    _ memory: Memory, from source: Layout, to destination: Layout
  ) throws(NetworkError) -> Memory {
    let key = OperationKey(.reorder, [source.identifier, destination.identifier])
    let operation = try OperationCache.operation(key) { () throws(NetworkError) in
      var made: dnnl_primitive_desc_t?
      let engine = Engine.shared.handle
      let name = "reorder of \(source.shape)"
      let status = Operation.withAttributes { attributes in
        dnnl_reorder_primitive_desc_create(
          &made, source.descriptor, engine, destination.descriptor, engine, attributes)
      }
      guard status == dnnl_success, let made else {
        throw NetworkError.backend(operation: name, status: Int(status.rawValue))
      }
      return try Operation(name, descriptor: made)
    }
    let result = Memory(byteCount: destination.byteCount)
    try operation.run([
      .init(DNNL_ARG_FROM, memory, source), .init(DNNL_ARG_TO, result, destination),
    ])
    return result
  }
}
