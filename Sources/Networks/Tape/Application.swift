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

  private struct Record {
    var inputs: [Tensor]
    var output: Tensor
    var saved: [Memory]
  }

  private let record: Mutex<Record?>
  private let ownPullback: @Sendable (Application, Cotangent) -> [Tensor?]

  private static let count = Atomic<UInt64>(0)

  init(
    primitive: String, inputs: [Tensor], output: Tensor, attributes: any Sendable,
    saved: [Memory], pullback: @escaping @Sendable (Application, Cotangent) -> [Tensor?]
  ) {
    self.primitive = primitive
    self.attributes = attributes
    number = Application.count.add(1, ordering: .relaxed).newValue
    record = Mutex(Record(inputs: inputs, output: output, saved: saved))
    ownPullback = pullback
  }

  /// The operands, in the primitive's order.
  public var inputs: [Tensor] { entry.inputs }

  /// The value, without its history.
  public var output: Tensor { entry.output }

  /// What the forward computation left for the backward one.
  var saved: [Memory] { entry.saved }

  /// The primitive's own pullback: the cotangents of the inputs from that of the output.
  public func pullback(_ dy: Tensor) -> [Tensor?] {
    pullback(Cotangent(dy))
  }

  /// The primitive's own pullback, of a cotangent that may still be a sum of terms.
  func pullback(_ dy: Cotangent) -> [Tensor?] {
    ProfileRecorder.timing(primitive, .pullback) { ownPullback(self, dy) }
  }

  /// Whether the cotangent of an input will be used.
  public func needs(_ input: Int) -> Bool {
    entry.inputs[input].needsGradient
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
