import COneDNN

/// Copies between layouts of the same shape.
enum Reorder {
  /// A copy of `memory`, which lies as `source` says, that lies as `destination` says.
  static func run(
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
