import Synchronization

/// One recorded application of a primitive: an entry of the tape.
///
/// The tape is the graph of applications that an output refers to; there is no list of them to
/// keep or to clear. Its memory goes when the output does, or during the backward walk where the
/// walk may release it.
public final class Application: Sendable {
  /// The name of the primitive.
  public let primitive: String
  /// The settings that the primitive was applied with.
  public let attributes: any Sendable
  /// Applications are numbered as they are made, so that inputs come before outputs.
  let number: UInt64

  /// The extents of the output.
  let outputShape: [Int]
  /// How the output lies.
  let outputLayout: Layout?

  private struct Record {
    var operands: [Operand]
    /// Nil where it was not kept.
    var output: Tensor?
    var saved: [Memory]
  }

  /// What a primitive knows of its applications.
  struct Rules: Sendable {
    /// Whether these rules know bfloat16; if not, they get Float32.
    let takesBFloat16: Bool
    let pullback: @Sendable (Application, Cotangent) -> [Tensor?]
    /// The output from the inputs, the same to the bit.
    let again: @Sendable (Application, [Tensor]) -> Tensor
  }

  private let record: Mutex<Record?>
  private let rules: Rules

  private static let count = Atomic<UInt64>(0)

  init(
    primitive: String, inputs: [Tensor], output: Tensor, attributes: any Sendable,
    saved: [Memory], keeping kept: KeptValues, rules: Rules
  ) {
    self.primitive = primitive
    self.attributes = attributes
    self.rules = rules
    number = Application.count.add(1, ordering: .relaxed).newValue
    (outputShape, outputLayout) = (output.shape, output.layout)
    let operands = inputs.enumerated().map { index, input in
      // What no application computed cannot be computed again.
      let isKept = kept.keeps(index) || input.application == nil
      return Operand(shape: input.shape, origin: input.origin, value: isKept ? input : nil)
    }
    record = Mutex(
      Record(operands: operands, output: kept.output ? output.detached() : nil, saved: saved))
  }

  /// What the primitive was applied to, in its order.
  public var operands: [Operand] { entry.operands }

  /// The operands' values, in the primitive's order. Those that the tape did not keep are computed
  /// again, from what it did keep.
  public var inputs: [Tensor] {
    var known: [ObjectIdentifier: Tensor] = [:]
    return inputs(&known)
  }

  /// The value, without its history. It is computed again if the tape did not keep it.
  public var output: Tensor {
    var known: [ObjectIdentifier: Tensor] = [:]
    return output(&known)
  }

  /// The value of one operand.
  func input(_ index: Int) -> Tensor {
    var known: [ObjectIdentifier: Tensor] = [:]
    return value(of: entry.operands[index], &known)
  }

  /// The output, computed again unless it was kept or is known; it is known then.
  func output(_ known: inout [ObjectIdentifier: Tensor]) -> Tensor {
    if let output = entry.output ?? known[ObjectIdentifier(self)] { return output }
    let inputs = inputs(&known)
    let output = ProfileRecorder.timing("recomputation", .pullback) {
      withoutRecording { rules.again(self, inputs) }
    }
    known[ObjectIdentifier(self)] = output
    return output
  }

  private func inputs(_ known: inout [ObjectIdentifier: Tensor]) -> [Tensor] {
    entry.operands.map { value(of: $0, &known) }
  }

  private func value(
    of operand: Operand, _ known: inout [ObjectIdentifier: Tensor]
  ) -> Tensor {
    let value = keptValue(of: operand, &known)
    return rules.takesBFloat16 ? value : value.inFloat32()
  }

  private func keptValue(
    of operand: Operand, _ known: inout [ObjectIdentifier: Tensor]
  ) -> Tensor {
    if let value = operand.value { return value }
    guard let application = operand.application else {
      preconditionFailure("\(primitive): an operand without a value or an origin")
    }
    let value = application.output(&known)
    return Tensor(
      shape: value.shape, memory: value.memory, layout: value.layout, origin: operand.origin)
  }

  /// What the forward computation left for the backward one.
  var saved: [Memory] { entry.saved }

  /// The primitive's own pullback: the cotangents of the inputs from that of the output.
  public func pullback(_ dy: Tensor) -> [Tensor?] {
    pullback(Cotangent(dy))
  }

  /// The primitive's own pullback, of a cotangent that may still be a sum of terms.
  func pullback(_ dy: Cotangent) -> [Tensor?] {
    ProfileRecorder.timing(primitive, .pullback) {
      if !rules.takesBFloat16 { dy.widen() }
      return rules.pullback(self, dy)
    }
  }

  /// Whether the cotangent of an input will be used.
  public func needs(_ input: Int) -> Bool {
    entry.operands[input].needsGradient
  }

  /// Lets go of the inputs and the output. Called by the backward walk, which has passed.
  func release() {
    // Dropped outside the lock: letting go of the last reference to a tensor may release others.
    let dropped = record.withLock { record in
      defer { record = nil }
      return record
    }
    _ = dropped
  }

  private var entry: Record {
    guard let entry = record.withLock({ $0 }) else {
      preconditionFailure(
        "\(primitive): this part of the tape was released by an earlier backward walk; "
          + "pull back with releasing: false to walk it again")
    }
    return entry
  }
}
