/// The windows of a two-dimensional pooling.
public struct Pooling: Hashable, Sendable {
  /// The rows and columns of a window.
  public var kernel: [Int]
  /// Rows and columns from one window to the next.
  public var stride: [Int]
  /// Rows and columns of padding on each side.
  public var padding: [Int]
  /// Whether a window that only begins inside counts too.
  public var roundsUp: Bool

  /// Windows with a value per axis, `[rows, columns]`; the stride is the kernel unless given.
  public init(
    kernel: [Int], stride: [Int]? = nil, padding: [Int] = [0, 0], roundsUp: Bool = false
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel
    self.padding = padding
    self.roundsUp = roundsUp
    for values in [kernel, self.stride, padding] {
      precondition(values.count == 2, "pooling: \(values) is not [rows, columns]")
    }
    precondition(
      zip(kernel, padding).allSatisfy { $0 > 0 && $1 >= 0 && 2 * $1 <= $0 },
      "pooling: padding \(padding) is more than half of the kernel \(kernel)")
  }

  /// The windows along an axis of an input of the given extent.
  ///
  /// - Parameters:
  ///   - axis: 0 for rows, 1 for columns.
  ///   - extent: The extent of the input.
  ///   - countsPadding: Whether a mean divides by the whole window, padding included.
  /// - Returns: The windows, clipped to the input.
  package func windows(axis: Int, extent: Int, countsPadding: Bool) -> Windows {
    let (k, s, p) = (kernel[axis], stride[axis], padding[axis])
    let room = extent + 2 * p - k
    precondition(
      room >= 0, "pooling: a window of \(k) does not fit into \(extent) with padding \(p)")
    var count = (roundsUp ? room + s - 1 : room) / s + 1
    // A window must begin in the input or in the padding before it.
    if roundsUp, (count - 1) * s >= extent + p { count -= 1 }
    var windows = Windows()
    for index in 0..<count {
      let start = index * s - p
      let range = max(start, 0)..<min(start + k, extent)
      // A last window that is rounded up to ends with the padding.
      let whole = min(start + k, extent + p) - start
      windows.append(range, factor: 1 / Float(countsPadding ? whole : range.count))
    }
    return windows
  }
}

/// A pooling that is linear: a mean or a sum over windows.
public enum LinearPooling: Hashable, Sendable {
  /// The mean of each window; `countsPadding` says whether padding counts in the divisor.
  case mean(Pooling, countsPadding: Bool)
  /// The means of windows that divide the input into the given rows and columns as evenly as they
  /// can.
  case adaptiveMean([Int])
  /// The sums of windows of the given rows and columns; what does not fill a window is dropped.
  case sum([Int])

  func windows(_ shape: [Int]) -> (rows: Windows, columns: Windows) {
    precondition(shape.count == 4, "pooling: a tensor of shape \(shape) is not a batch of images")
    return (windows(axis: 0, extent: shape[2]), windows(axis: 1, extent: shape[3]))
  }

  private func windows(axis: Int, extent: Int) -> Windows {
    switch self {
    case .mean(let pooling, let countsPadding):
      return pooling.windows(axis: axis, extent: extent, countsPadding: countsPadding)
    case .adaptiveMean(let extents):
      precondition(extents.count == 2 && extents[axis] > 0, "pooling: to \(extents)")
      var windows = Windows()
      for k in 0..<extents[axis] {
        let begin = k * extent / extents[axis]
        let end = ((k + 1) * extent + extents[axis] - 1) / extents[axis]
        windows.append(begin..<end, factor: 1 / Float(end - begin))
      }
      return windows
    case .sum(let factors):
      let factor = factors[axis]
      precondition(
        factors.count == 2 && factor > 0 && factor <= extent,
        "sum pool: windows of \(factors) in an input of extent \(extent)")
      var windows = Windows()
      for k in 0..<extent / factor {
        windows.append(k * factor..<(k + 1) * factor, factor: 1)
      }
      return windows
    }
  }
}
