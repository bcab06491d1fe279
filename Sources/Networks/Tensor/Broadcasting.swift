/// NumPy's rule for shapes that are combined elementwise: aligned at the last axis, axes of extent
/// 1 and missing ones are repeated.
enum Broadcasting {
  /// The shape of `a ∘ b`.
  static func shape(_ a: [Int], _ b: [Int], _ operation: String) -> [Int] {
    if a == b { return a }
    let rank = max(a.count, b.count)
    let (x, y) = (padded(a, rank: rank), padded(b, rank: rank))
    return zip(x, y).map { x, y in
      precondition(x == y || x == 1 || y == 1, "\(operation): shapes \(a) and \(b) do not match")
      return max(x, y)
    }
  }

  /// A shape with axes of extent 1 put in front.
  static func padded(_ shape: [Int], rank: Int) -> [Int] {
    Array(repeating: 1, count: rank - shape.count) + shape
  }

  /// The strides that walk through a row-major array of `shape` while it is repeated to `target`.
  static func strides(of shape: [Int], repeatedTo target: [Int]) -> [Int] {
    let shape = padded(shape, rank: target.count)
    let strides = Layout.rowMajorStrides(shape)
    return zip(shape, strides).map { $0 == 1 ? 0 : $1 }
  }
}

/// The axes along which our kernels walk through a tensor's memory, and an operand's strides along
/// them.
///
/// A row-major tensor is walked along its own axes. A tensor in channel blocks is walked as the
/// row-major array `[N, C/b, H, W, b]` that it is in memory, and every operand that is repeated to
/// its shape is given strides along those five axes.
struct Walk {
  let extents: [Int]
  /// The block of channels; nil for a row-major walk.
  let block: Int?
  private let shape: [Int]

  init(along tensor: Tensor) {
    shape = tensor.shape
    if let layout = tensor.layout, case .channelBlocks(let block) = layout.kind {
      let (n, c, h, w) = (shape[0], shape[1], shape[2], shape[3])
      extents = [n, (c + block - 1) / block, h, w, block]
      self.block = block
    } else {
      extents = tensor.shape
      block = nil
    }
  }

  /// An operand in a layout that the walk can follow, and its strides.
  func follow(_ operand: Tensor) -> (memory: Memory, strides: [Int]) {
    guard let block else {
      let plain = operand.inPlainLayout()
      return (plain.memory, Broadcasting.strides(of: plain.shape, repeatedTo: shape))
    }
    let own = Broadcasting.padded(operand.shape, rank: 4)
    if own[1] == 1 {
      let strides = Broadcasting.strides(of: own, repeatedTo: shape)
      return (operand.inPlainLayout().memory, strides + [0])
    }
    let blocked = operand.withAxes(own).inLayout(.channelBlocks(block, shape: own))
    let stored = [own[0], (own[1] + block - 1) / block, own[2], own[3], block]
    let strides = zip(own + [block], Layout.rowMajorStrides(stored)).map { $0 == 1 ? 0 : $1 }
    return (blocked.memory, strides)
  }
}

extension Tensor {
  /// This tensor with axes of extent 1 put in front.
  fileprivate func withAxes(_ shape: [Int]) -> Tensor {
    shape == self.shape ? self : viewed(as: shape)
  }
}
