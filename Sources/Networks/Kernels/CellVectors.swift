import CKernels
import ConvexKit

/// Channels-last images of bfloat16 numbers as one vector of channels for each cell.
struct CellVectors {
  private let images: Tensor
  private let cells, channels: Int64

  /// Nil for a tensor that lies otherwise.
  init?(_ tensor: Tensor) {
    guard tensor.numberType == .bfloat16, tensor.layout?.kind == .channelsLast else { return nil }
    images = tensor
    channels = Int64(tensor.shape[1])
    cells = Int64(tensor.count) / channels
  }

  private var threads: Int32 { Int32(Parallel.defaultThreadCount) }

  private func tensor(_ memory: Memory) -> Tensor {
    Tensor(shape: images.shape, memory: memory, layout: images.layout)
  }

  private var room: Memory { Memory(byteCount: 2 * images.count) }

  /// y = x / max(‖x‖, ε), and ‖x‖ of each cell.
  func l2Normalized(epsilon: Float) -> (y: Tensor, norm: Memory) {
    let (y, norm) = (room, Memory(count: Int(cells)))
    ckernels_narrow_l2_normalize(
      cells, channels, images.memory.halves, epsilon, y.halves, norm.floats, threads)
    return (tensor(y), norm)
  }

  /// dx from y, which these are, in dy's memory where nobody else has it.
  func l2NormalizePullBack(_ dy: consuming Tensor, norm: Memory, epsilon: Float) -> Tensor {
    dy = dy.laidOut(like: images)
    let dx = dy.reusableMemory()
    ckernels_narrow_l2_normalize_backward(
      cells, channels, images.memory.halves, dy.memory.halves, norm.floats, epsilon, dx.halves,
      threads)
    withExtendedLifetime((dy, norm)) {}
    return tensor(dx)
  }

  /// y = x w, one number w for each cell: `[N, 1, H, W]`.
  func scaled(by weight: Tensor) -> Tensor {
    let (weight, y) = (weight.inPlainLayout(), room)
    ckernels_narrow_scale(
      cells, channels, images.memory.halves, weight.memory.floats, y.halves, threads)
    withExtendedLifetime(weight) {}
    return tensor(y)
  }

  /// ⟨x, y⟩ of each cell, `[N, 1, H, W]`.
  func products(with other: Tensor) -> Tensor {
    let (other, result) = (other.laidOut(like: images), Memory(count: Int(cells)))
    ckernels_narrow_products(
      cells, channels, images.memory.halves, other.memory.halves, result.floats, threads)
    withExtendedLifetime(other) {}
    return Tensor(
      shape: [images.shape[0], 1, images.shape[2], images.shape[3]], memory: result)
  }

  /// Whether a tensor has one number for each cell.
  func areWeighed(by weight: Tensor) -> Bool {
    weight.shape == [images.shape[0], 1, images.shape[2], images.shape[3]]
  }
}
