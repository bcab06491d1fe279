/// A differentiable operation: its value and its derivative rule, declared in one place.
///
/// ```swift
/// /// y = max(x, 0);  dx = dy · [y > 0]
/// static let relu = Primitive<Void>(
///   name: "relu",
///   forward: { inputs, _ in Output(…) },
///   pullback: { application, _, dy in [ … ] })
/// ```
///
/// Applying a primitive to tensors records an ``Application`` if one of them needs a gradient.
public struct Primitive<Attributes: Sendable>: Sendable {
  /// The value of an application.
  public struct Output: Sendable {
    let tensor: Tensor
    let saved: [Memory]

    /// The value alone.
    public init(_ tensor: Tensor) {
      self.init(tensor, saved: [])
    }

    init(_ tensor: Tensor, saved: [Memory]) {
      self.tensor = tensor
      self.saved = saved
    }
  }

  /// What the primitive is called in messages and by explainers.
  public let name: String
  private let kept: @Sendable ([Tensor]) -> KeptValues
  private let takesBFloat16: Bool
  private let forward: @Sendable ([Tensor], Attributes) -> Output
  private let rules: Application.Rules

  /// Declares a primitive.
  ///
  /// - Parameters:
  ///   - name: A unique name.
  ///   - kept: The values that the pullback reads, from the inputs: all of them unless given. Where it
  ///     names fewer, `forward` must give the same bits when it is called again.
  ///   - forward: The value, from the inputs and the attributes. Operations inside it are not
  ///     recorded.
  ///   - pullback: The cotangents of the inputs, in their order, from the application, its
  ///     attributes and the cotangent of its output; nil for an input that needs none. Operations
  ///     inside it are not recorded.
  public init(
    name: String,
    keeping kept: @escaping @Sendable (_ inputs: [Tensor]) -> KeptValues = { _ in .all },
    forward: @escaping @Sendable (_ inputs: [Tensor], _ attributes: Attributes) -> Output,
    pullback:
      @escaping @Sendable (
        _ application: Application, _ attributes: Attributes, _ dy: Tensor
      ) -> [Tensor?]
  ) {
    self.init(
      name: name, keeping: kept, forward: forward,
      pullbackOfTerms: { pullback($0, $1, $2.sum) })
  }

  /// Declares a primitive whose pullback takes a cotangent that may still be a sum of terms, whose
  /// value may have a way of its own to be computed again, and that may know bfloat16: others get their
  /// operands, and the cotangent, as Float32.
  init(
    name: String, takingBFloat16 takesBFloat16: Bool = false,
    keeping kept: @escaping @Sendable (_ inputs: [Tensor]) -> KeptValues = { _ in .all },
    forward: @escaping @Sendable (_ inputs: [Tensor], _ attributes: Attributes) -> Output,
    pullbackOfTerms pullback:
      @escaping @Sendable (
        _ application: Application, _ attributes: Attributes, _ dy: Cotangent
      ) -> [Tensor?],
    again: (@Sendable (_ application: Application, _ inputs: [Tensor]) -> Tensor)? = nil
  ) {
    self.name = name
    self.kept = kept
    self.takesBFloat16 = takesBFloat16
    self.forward = forward
    @Sendable func attributes(_ application: Application) -> Attributes {
      guard let attributes = application.attributes as? Attributes else {
        preconditionFailure("\(name) was recorded with attributes of another type")
      }
      return attributes
    }
    rules = Application.Rules(
      takesBFloat16: takesBFloat16,
      pullback: { pullback($0, attributes($0), $1) },
      again: again ?? { forward($1, attributes($0)).tensor.detached() })
  }

  /// Applies the primitive, and records that if an input needs a gradient.
  public func callAsFunction(_ inputs: [Tensor], _ attributes: Attributes) -> Tensor {
    guard Recording.isOn, inputs.contains(where: \.needsGradient) else {
      return value(inputs, attributes).tensor.detached()
    }
    let output = value(inputs, attributes)
    let application = Application(
      primitive: name, inputs: inputs, output: output.tensor, attributes: attributes,
      saved: output.saved, keeping: Recording.keepsAll ? .all : kept(inputs), rules: rules)
    return Tensor(
      shape: output.tensor.shape, memory: output.tensor.memory, layout: output.tensor.layout,
      origin: .application(application))
  }

  private func value(_ inputs: [Tensor], _ attributes: Attributes) -> Output {
    ProfileRecorder.timing(name, .forward) {
      withoutRecording {
        forward(takesBFloat16 ? inputs : inputs.map { $0.inFloat32() }, attributes)
      }
    }
  }
}

extension Primitive where Attributes == Void {
  /// Applies a primitive that has no attributes.
  public func callAsFunction(_ inputs: Tensor...) -> Tensor {
    self(inputs, ())
  }
}
