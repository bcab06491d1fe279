import COneDNN

/// A oneDNN operation for fixed shapes and layouts, ready to run.
///
/// `@unchecked Sendable`: the handles are made once and never changed, and each run brings its own
/// arguments and scratch memory, so that several threads may run one operation at once.
final class Operation: @unchecked Sendable {
  /// What an operation reads or writes.
  struct Argument {
    let index: Int32
    let memory: Memory
    let layout: Layout

    init(_ index: Int32, _ memory: Memory, _ layout: Layout) {
      self.index = index
      self.memory = memory
      self.layout = layout
    }
  }

  let descriptor: dnnl_primitive_desc_t
  private let primitive: dnnl_primitive_t
  private let name: String
  private let scratchLayout: Layout?

  /// Takes over a primitive descriptor and compiles it.
  init(_ name: String, descriptor: dnnl_primitive_desc_t) throws(NetworkError) {
    var primitive: dnnl_primitive_t?
    let status = dnnl_primitive_create(&primitive, descriptor)
    guard status == dnnl_success, let primitive else {
      dnnl_primitive_desc_destroy(descriptor)
      throw .backend(operation: name, status: Int(status.rawValue))
    }
    self.name = name
    self.descriptor = descriptor
    self.primitive = primitive
    let scratch = dnnl_primitive_desc_query_md(descriptor, dnnl_query_scratchpad_md, 0)
    if let scratch, dnnl_memory_desc_get_size(scratch) > 0 {
      scratchLayout = Layout.interned(scratch.pointee)
    } else {
      scratchLayout = nil
    }
  }

  /// Compiles an operation from its description.
  ///
  /// - Parameters:
  ///   - name: What to call it in errors.
  ///   - description: One of oneDNN's operation descriptors.
  ///   - hint: The forward operation that a backward one belongs to.
  ///   - activation: A function that is applied to every element of the result.
  /// - Throws: ``NetworkError/backend(operation:status:)``.
  convenience init<Description>(
    _ name: String, _ description: Description, hint: Operation? = nil,
    activation: ElementwiseFunction? = nil
  ) throws(NetworkError) {
    var made: dnnl_primitive_desc_t?
    let status = withUnsafePointer(to: description) { pointer in
      Operation.withAttributes { attributes in
        if let activation {
          let status = Operation.append(activation, to: attributes)
          guard status == dnnl_success else { return status }
        }
        return dnnl_primitive_desc_create(
          &made, UnsafeRawPointer(pointer), attributes, Engine.shared.handle, hint?.descriptor)
      }
    }
    guard status == dnnl_success, let made else {
      throw .backend(operation: name, status: Int(status.rawValue))
    }
    try self.init(name, descriptor: made)
  }

  /// The first of several forms of an operation that oneDNN has optimized code for; if it has
  /// none, the last that it can run at all.
  ///
  /// - Parameters:
  ///   - forms: The forms, the best first.
  ///   - make: Compiles one, or throws if oneDNN cannot run it.
  /// - Returns: The operation.
  /// - Throws: What the last form failed with, if every one did.
  static func firstOptimized<Form>(
    _ forms: [Form], make: (Form) throws(NetworkError) -> Operation
  ) throws(NetworkError) -> Operation {
    var fallback: Result<Operation, NetworkError> = .failure(
      .backend(operation: "an operation without forms", status: Int(dnnl_unimplemented.rawValue)))
    for form in forms {
      do throws(NetworkError) {
        let operation = try make(form)
        if operation.isOptimized { return operation }
        fallback = .success(operation)
      } catch {
        if case .failure = fallback { fallback = .failure(error) }
      }
    }
    return try fallback.get()
  }

  /// Whether this is more than oneDNN's reference code, which is tens of times slower.
  private var isOptimized: Bool { !implementation.hasPrefix("ref") }

  deinit {
    dnnl_primitive_destroy(primitive)
    dnnl_primitive_desc_destroy(descriptor)
  }

  /// Calls `body` with attributes that leave the scratch memory to us.
  static func withAttributes(
    _ body: (dnnl_primitive_attr_t?) -> dnnl_status_t
  ) -> dnnl_status_t {
    var attributes: dnnl_primitive_attr_t?
    let status = dnnl_primitive_attr_create(&attributes)
    guard status == dnnl_success else { return status }
    defer { dnnl_primitive_attr_destroy(attributes) }
    dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user)
    return body(attributes)
  }

  /// Adds a function of the result's elements to an operation's attributes.
  private static func append(
    _ activation: ElementwiseFunction, to attributes: dnnl_primitive_attr_t?
  ) -> dnnl_status_t {
    var functions: dnnl_post_ops_t?
    let status = dnnl_post_ops_create(&functions)
    guard status == dnnl_success else { return status }
    defer { dnnl_post_ops_destroy(functions) }
    let appended = dnnl_post_ops_append_eltwise(functions, 1, activation.algorithm, 0, 0)
    guard appended == dnnl_success else { return appended }
    return dnnl_primitive_attr_set_post_ops(attributes, functions)
  }

  /// The layout that the operation uses for an operand.
  func layout(_ operand: dnnl_query_t) -> Layout {
    guard let md = dnnl_primitive_desc_query_md(descriptor, operand, 0) else {
      preconditionFailure("\(name) has no such operand")
    }
    return Layout.interned(md.pointee)
  }

  /// The name of the kernel that oneDNN chose.
  var implementation: String {
    var name: UnsafePointer<CChar>?
    let status = dnnl_primitive_desc_query(descriptor, dnnl_query_impl_info_str, 0, &name)
    guard status == dnnl_success, let name else { return "" }
    return String(cString: name)
  }

  /// Runs the operation and waits for it.
  func run(_ arguments: [Argument]) throws(NetworkError) {
    // The block for scratch must stay alive until the run is over.
    let scratch = scratchLayout.map { ($0, Memory(byteCount: $0.byteCount)) }
    let status = withUnsafeTemporaryAllocation(
      of: dnnl_exec_arg_t.self, capacity: arguments.count + 1
    ) { slots -> dnnl_status_t in
      var count = 0
      defer { for slot in slots[..<count] { dnnl_memory_destroy(slot.memory) } }
      func add(_ index: Int32, _ memory: Memory, _ layout: Layout) -> dnnl_status_t {
        var handle: dnnl_memory_t?
        let status = dnnl_memory_create(
          &handle, layout.descriptor, Engine.shared.handle, memory.pointer)
        guard status == dnnl_success else { return status }
        slots.initializeElement(at: count, to: dnnl_exec_arg_t(arg: index, memory: handle))
        count += 1
        return dnnl_success
      }
      for argument in arguments {
        let status = add(argument.index, argument.memory, argument.layout)
        guard status == dnnl_success else { return status }
      }
      if let (layout, memory) = scratch {
        let status = add(DNNL_ARG_SCRATCHPAD, memory, layout)
        guard status == dnnl_success else { return status }
      }
      return dnnl_primitive_execute(
        primitive, Engine.shared.stream, Int32(count), slots.baseAddress)
    }
    withExtendedLifetime((scratch, arguments)) {}
    try check(status, name)
  }
}
