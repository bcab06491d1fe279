import CKernels
import COneDNN
import ConvexKit

/// A 3×3 convolution of stride 1 by Winograd's minimal filtering F(2×2, 3×3), which multiplies 16
/// times where the definition multiplies 36 times.
///
/// oneDNN has this for AVX-512 only, where its own direct convolutions come close to the
/// processor's peak. On processors without it, whose images oneDNN keeps in blocks of 8 channels,
/// this is 1.2 to 2 times as fast as the direct convolution in all three passes. Rounding errors are
/// about 2e-7 of the result's size whatever the extents; the direct convolution's are 1e-7 to 8e-7.
struct Winograd {
  private let shape: ckernels_winograd
  private let x, w, y: Layout

  /// The convolution in this way; nil where it is another kind of convolution, lies differently, or
  /// would be slower.
  ///
  /// - Parameters:
  ///   - convolution: The extents and settings.
  ///   - layouts: How oneDNN's own convolution keeps images, weights and results.
  init?(_ convolution: ConvolutionShape, _ layouts: (x: Layout, w: Layout, y: Layout)) {
    let (channels, filters) = (convolution.input[1], convolution.output[1])
    guard channels >= Self.leastChannels, filters >= Self.leastChannels else { return nil }
    self.init(anySize: convolution, layouts)
    // Tiles of 2×2 that reach over the edge are work for nothing.
    let cells = convolution.output[2] * convolution.output[3]
    let tiles = ((convolution.output[2] + 1) / 2) * ((convolution.output[3] + 1) / 2)
    guard 2 * 4 * tiles <= 3 * cells else { return nil }
    // A tile that is all there is holds 4 cells among 12 of padding: the definition multiplies no
    // more, and gradients that vanish stay exactly zero.
    guard convolution.output[2] > 2, convolution.output[3] > 2 else { return nil }
  }

  /// Fewer channels do not pay for the transforms.
  private static let leastChannels = 32

  /// The convolution in this way, even where it would be slower.
  init?(
    anySize convolution: ConvolutionShape, _ layouts: (x: Layout, w: Layout, y: Layout)
  ) {
    let settings = convolution.settings
    guard convolution.weight.suffix(2) == [3, 3], settings.stride == [1, 1],
      settings.dilation == [1, 1], settings.groups == 1, !convolution.hasBias,
      settings.padding[0] == settings.padding[1], settings.padding[0] <= 2,
      layouts.x.kind == .channelBlocks(8), layouts.y.kind == .channelBlocks(8),
      layouts.w === Self.weightLayout(convolution.weight)
    else { return nil }
    func stored(_ channels: Int) -> Int64 { Int64((channels + 7) / 8 * 8) }
    shape = ckernels_winograd(
      images: Int64(convolution.input[0]), inputs: stored(convolution.input[1]),
      outputs: stored(convolution.output[1]), rows: Int64(convolution.input[2]),
      columns: Int64(convolution.input[3]), padding: Int64(settings.padding[0]))
    (x, w, y) = layouts
  }

  /// `[O/8, C/8, 3, 3, 8 of C, 8 of O]`, in which the kernels read weights.
  static func weightLayout(_ shape: [Int]) -> Layout {
    .interned(.tagged(shape: shape, tag: dnnl_OIhw8i8o))
  }

  /// y = W ∗ x
  func run(_ image: Tensor, _ weights: Tensor) -> Tensor {
    let (image, weights) = (image.inLayout(x), weights.inLayout(w))
    return filled(y) { result, threads in
      withScratch(ckernels_winograd_scratch(shape, threads)) {
        ckernels_winograd(
          shape, image.memory.floats, weights.memory.floats, result, $0, threads)
      }
      withExtendedLifetime((image, weights)) {}
    }
  }

  /// dx = Wᵀ ∗ dy
  func pullBackInput(_ weights: Tensor, _ dy: Tensor) -> Tensor {
    let (weights, dy) = (weights.inLayout(w), dy.inLayout(y))
    return filled(x) { result, threads in
      withScratch(ckernels_winograd_scratch(shape, threads)) {
        ckernels_winograd_backward(
          shape, dy.memory.floats, weights.memory.floats, result, $0, threads)
      }
      withExtendedLifetime((weights, dy)) {}
    }
  }

  /// dW = dy ⋆ x
  func pullBackWeights(_ image: Tensor, _ dy: Tensor) -> Tensor {
    let (image, dy) = (image.inLayout(x), dy.inLayout(y))
    return filled(w) { result, threads in
      withScratch(ckernels_winograd_weights_scratch(shape)) {
        ckernels_winograd_weights(
          shape, image.memory.floats, dy.memory.floats, result, $0, threads)
      }
      withExtendedLifetime((image, dy)) {}
    }
  }

  /// A tensor of a layout, filled in by `body` on the default threads.
  private func filled(
    _ layout: Layout, _ body: (UnsafeMutablePointer<Float>, Int32) -> Void
  ) -> Tensor {
    let memory = Memory(byteCount: layout.byteCount)
    body(memory.floats, Int32(Parallel.defaultThreadCount))
    return Tensor(shape: layout.shape, memory: memory, layout: layout)
  }

  private func withScratch(_ count: Int64, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    let scratch = Memory(count: Int(count))
    body(scratch.floats)
    withExtendedLifetime(scratch) {}
  }
}
