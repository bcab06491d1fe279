/// An array of Float32 numbers that remembers how it was computed.
///
/// A tensor is a value: nothing changes it after it is made. Its `shape` is the logical one, in
/// PyTorch's order (images are `[batch, channels, height, width]`). Its memory may lie in one of
/// oneDNN's blocked layouts and stays there between operations; ``elements`` puts it in row-major
/// order. Numbers that a convolution in ``Precision/bfloat16`` has rounded stay in half the memory.
///
/// A tensor computed from a ``Parameter``, or from a tensor made by ``differentiable()``, carries
/// the applications of primitives that led to it; ``pullBack(_:keeping:releasing:rule:)`` walks
/// them backwards.
public struct Tensor: Sendable {
  /// The extents of the axes, outermost first; empty for a scalar.
  public let shape: [Int]
  private(set) var memory: Memory
  /// How the elements lie in `memory`, and what they are; nil means row-major Float32.
  let layout: Layout?
  let origin: Origin

  init(shape: [Int], memory: Memory, layout: Layout? = nil, origin: Origin = .constant) {
    self.shape = shape
    self.memory = memory
    self.layout = layout?.isDefault == true ? nil : layout
    self.origin = origin
  }

  /// Whether nothing else refers to this tensor's memory.
  mutating func ownsItsMemory() -> Bool { isKnownUniquelyReferenced(&memory) }

  /// Memory for a result that lies like this tensor: its own, where nothing else refers to it.
  mutating func reusableMemory() -> Memory {
    ownsItsMemory() ? memory : Memory(byteCount: actualLayout.byteCount)
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// The number of axes.
  public var rank: Int { shape.count }

  /// Whether a gradient can flow through this tensor.
  public var needsGradient: Bool { origin.needsGradient }

  /// The parameter that this tensor is the value of, if it is one's.
  public var parameter: Parameter? { origin.parameter }

  /// The application of a primitive that computed this tensor, if one was recorded.
  public var application: Application? { origin.application }
}

/// Where a tensor comes from.
enum Origin: Sendable {
  /// Data: no gradient is asked for.
  case constant
  /// A parameter, or an input whose gradient is wanted.
  case leaf(Leaf)
  /// A recorded application of a primitive.
  case application(Application)

  /// Whether a gradient flows to here.
  var needsGradient: Bool {
    switch self {
    case .constant: false
    case .leaf(let leaf): leaf.isTrainable
    case .application: true
    }
  }

  /// The parameter whose value this is, if it is one.
  var parameter: Parameter? {
    if case .leaf(let leaf) = self { leaf.parameter } else { nil }
  }

  /// The application that computed it, if one was recorded.
  var application: Application? {
    if case .application(let application) = self { application } else { nil }
  }
}

/// The identity of a tensor that gradients are asked for.
final class Leaf: Sendable {
  let isTrainable: Bool
  /// The parameter's cell; a parameter owns its leaf.
  private let cell: WeakParameter

  var parameter: Parameter? { cell.parameter }

  init(parameter: Parameter? = nil, isTrainable: Bool = true) {
    cell = WeakParameter(parameter)
    self.isTrainable = isTrainable
  }
}

/// `@unchecked Sendable`: the reference is set once, and the runtime's own synchronization covers
/// its loss.
private final class WeakParameter: @unchecked Sendable {
  private(set) weak var parameter: Parameter?

  init(_ parameter: Parameter?) {
    self.parameter = parameter
  }
}
