/// What an application was applied to: a tensor whose value the tape may not have kept.
public struct Operand: Sendable {
  /// The extents of the axes.
  public let shape: [Int]
  let origin: Origin
  /// Nil where it was not kept.
  let value: Tensor?

  /// Whether a gradient flows through it.
  public var needsGradient: Bool { origin.needsGradient }

  /// The parameter that it is the value of, if it is one's.
  public var parameter: Parameter? { origin.parameter }

  /// The application that computed it, if one was recorded.
  public var application: Application? { origin.application }
}
