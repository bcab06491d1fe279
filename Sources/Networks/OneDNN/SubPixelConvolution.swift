import COneDNN

/// The gradient in the input of a convolution with strides, as a convolution of stride 1 whose
/// channels are the pixels of each stride's cell.
///
/// ```
/// dx[c, s I + a] = Σ_δ Σ_o W[o, c, a + p − s δ] dy[o, I + δ]
/// ```
///
/// along each axis, with stride s, padding p and 0 ≤ a < s: a kernel of few taps δ for every (a, c).
/// oneDNN multiplies the gradient of an image with few channels as one matrix, column by column of
/// windows; this runs with its direct convolutions.
///
/// - Source: Shi et al., arXiv:1609.07009.
struct SubPixelConvolution {
  private let convolution: ConvolutionShape
  private let rows, columns: Axis

  /// What becomes of one axis.
  private struct Axis {
    let stride, padding, window: Int
    /// The extents of x, and of x in cells of a stride.
    let extent, cells: Int
    /// The first and the last δ.
    let first, last: Int
    /// Rows of zeros before and after dy.
    let before, after: Int

    init?(_ convolution: ConvolutionShape, _ axis: Int) {
      let settings = convolution.settings
      (stride, padding) = (settings.stride[axis], settings.padding[axis])
      (window, extent) = (convolution.weight[axis + 2], convolution.input[axis + 2])
      cells = (extent + stride - 1) / stride
      // The quotients rounded up and down; the first may be negative.
      first = -((window - 1 - padding) / stride)
      last = (stride - 1 + padding) / stride
      (before, after) = (-first, cells + last - convolution.output[axis + 2])
      guard padding < window, after >= 0 else { return nil }
    }

    var taps: Int { last - first + 1 }

    /// The tap of W for a pixel of a cell and a tap of the kernel; nil where there is none.
    func tap(_ pixel: Int, _ index: Int) -> Int? {
      let tap = pixel + padding - stride * (first + index)
      return 0..<window ~= tap ? tap : nil
    }
  }

  /// The gradient in this way; nil where it is another kind of convolution, or where oneDNN's own way
  /// is faster.
  init?(_ convolution: ConvolutionShape) {
    guard convolution.input[1] <= Self.mostChannels else { return nil }
    self.init(anyChannels: convolution)
  }

  /// oneDNN has direct convolutions for more.
  private static let mostChannels = 4

  /// The gradient in this way, even where oneDNN's is faster.
  init?(anyChannels convolution: ConvolutionShape) {
    let settings = convolution.settings
    guard settings.groups == 1, settings.dilation == [1, 1], settings.stride != [1, 1],
      let rows = Axis(convolution, 0), let columns = Axis(convolution, 1)
    else { return nil }
    (self.convolution, self.rows, self.columns) = (convolution, rows, columns)
  }

  /// dx = Wᵀ ∗ dy
  func run(_ w: Tensor, _ dy: Tensor) throws(NetworkError) -> Tensor {
    let operation = try operation()
    let (source, weights) = (
      operation.layout(dnnl_query_src_md), operation.layout(dnnl_query_weights_md)
    )
    let layout = operation.layout(dnnl_query_dst_md)
    let result = Memory(byteCount: layout.byteCount)
    try operation.run([
      .init(DNNL_ARG_SRC, dy.inLayout(source).memory, source),
      .init(DNNL_ARG_WEIGHTS, kernel(w).inLayout(weights).memory, weights),
      .init(DNNL_ARG_DST, result, layout),
    ])
    // [N, rows of a cell, columns, C, H/s, W/s] → [N, C, H/s, rows of a cell, W/s, columns]
    let cells = Tensor(shape: cellShape, memory: result, layout: layout)
    let (n, channels) = (convolution.input[0], convolution.input[1])
    let split = cells.viewed(
      as: [n, rows.stride, columns.stride, channels, rows.cells, columns.cells])
    var dx = Rearrangement.permuted(split, [0, 3, 4, 1, 5, 2]).viewed(
      as: [n, channels, rows.cells * rows.stride, columns.cells * columns.stride])
    for (axis, extent) in [(2, rows.extent), (3, columns.extent)] where dx.shape[axis] > extent {
      dx = Rearrangement.sliced(dx, axis: axis, range: 0..<extent)
    }
    return dx
  }

  /// `[N, pixels of a cell × C, H/s, W/s]`
  private var cellShape: [Int] {
    [
      convolution.input[0], rows.stride * columns.stride * convolution.input[1], rows.cells,
      columns.cells,
    ]
  }

  /// `[pixels of a cell × C, O, taps, taps]`
  private var kernelShape: [Int] {
    [cellShape[1], convolution.output[1], rows.taps, columns.taps]
  }

  /// W's taps where each pixel of a cell meets them.
  private func kernel(_ w: Tensor) -> Tensor {
    let (channels, filters) = (convolution.input[1], convolution.output[1])
    let taps = w.inPlainLayout().elements
    let shape = kernelShape
    return Tensor(shape: shape) { values in
      values.update(repeating: 0)
      for pixel in 0..<rows.stride * columns.stride {
        for row in 0..<rows.taps {
          for column in 0..<columns.taps {
            guard let i = rows.tap(pixel / columns.stride, row),
              let j = columns.tap(pixel % columns.stride, column)
            else { continue }
            for c in 0..<channels {
              for o in 0..<filters {
                let target = ((pixel * channels + c) * filters + o) * rows.taps + row
                let source = ((o * channels + c) * rows.window + i) * columns.window + j
                values[target * columns.taps + column] = taps[source]
              }
            }
          }
        }
      }
    }
  }

  private func operation() throws(NetworkError) -> Operation {
    let settings = convolution.settings
    let key = OperationKey(
      .subPixelConvolution,
      convolution.input + convolution.weight + settings.stride + settings.padding)
    return try OperationCache.operation(key) { () throws(NetworkError) in
      var description = dnnl_convolution_desc_t()
      var (x, w, b, y) = (
        dnnl_memory_desc_t.any(shape: convolution.output),
        dnnl_memory_desc_t.any(shape: kernelShape),
        dnnl_memory_desc_t(), dnnl_memory_desc_t.any(shape: cellShape)
      )
      let name = "\(convolution) backward by sub-pixels"
      try check(
        dnnl_convolution_forward_desc_init(
          &description, dnnl_forward_inference, dnnl_convolution_direct, &x, &w, &b, &y, [1, 1],
          [rows.before, columns.before].map(Int64.init),
          [rows.after, columns.after].map(Int64.init)), name)
      return try Operation(name, description)
    }
  }
}
