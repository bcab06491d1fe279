import CKernels
import ConvexKit

/// Sums of tensors and of products of tensors along axes, not recorded.
enum Summation {
  /// Sums along axes; the result keeps them with extent 1.
  ///
  /// ```
  /// y_k = scale Σ_r a_kr b_kr
  /// ```
  ///
  /// - Parameters:
  ///   - a: The terms.
  ///   - b: Factors of the terms, repeated to a's shape; nil means ones.
  ///   - axes: The axes to sum along.
  ///   - scale: A factor of the sums.
  /// - Returns: The sums.
  static func sum(
    _ a: Tensor, times b: Tensor? = nil, axes: Set<Int>, scale: Float = 1
  ) -> Tensor {
    let a = a.inKernelLayout()
    let walk = Walk(along: a)
    let shape = a.shape.indices.map { axes.contains($0) ? 1 : a.shape[$0] }
    // The block of channels is the fifth axis of a walk through channel blocks.
    let isSummed = walk.extents.indices.map { axes.contains($0 == 4 && walk.block != nil ? 1 : $0) }
    let factors = b.map(walk.follow)
    let strides = (
      a: Layout.rowMajorStrides(walk.extents),
      b: factors?.strides ?? Array(repeating: 0, count: walk.extents.count)
    )
    var layout: Layout?
    if let block = walk.block, !axes.contains(1) {
      layout = .channelBlocks(block, shape: shape)
    }
    func select(_ values: [Int], summed: Bool) -> [Int64] {
      values.indices.filter { isSummed[$0] == summed }.map { Int64(values[$0]) }
    }
    let kept = select(walk.extents, summed: false)
    let summed = select(walk.extents, summed: true)
    precondition(walk.extents.count <= Int(CKERNELS_MAX_RANK), "shape \(a.shape): too many axes")
    let result = Memory(byteCount: layout?.byteCount ?? 4 * shape.reduce(1, *))
    withExtendedLifetime((a, factors)) {
      ckernels_sum(
        Int32(kept.count), kept, select(strides.a, summed: false), select(strides.b, summed: false),
        Int32(summed.count), summed, select(strides.a, summed: true),
        select(strides.b, summed: true), a.memory.floats, factors?.memory.floats, scale,
        result.floats, Int32(Parallel.defaultThreadCount))
    }
    return Tensor(shape: shape, memory: result, layout: layout)
  }

  /// The adjoint of repeating a tensor of shape `target` to the shape of `a`: the sum of `a`, or of
  /// `a · b`, along the repeated axes.
  static func sum(_ a: Tensor, times b: Tensor? = nil, to target: [Int]) -> Tensor {
    let padded = Broadcasting.padded(target, rank: a.rank)
    let axes = Set(a.shape.indices.filter { padded[$0] != a.shape[$0] })
    if axes.isEmpty {
      let product = b.map { Elementwise.multiply(a, $0) } ?? a
      return padded == target ? product : product.viewed(as: target)
    }
    let sum = sum(a, times: b, axes: axes)
    return padded == target ? sum : sum.viewed(as: target)
  }
}
