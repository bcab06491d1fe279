import ConvexKit

/// How fast this machine convolves.
public enum ConvolutionRate {
  /// Additions and multiplications per second of one 3×3 convolution of 256 channels, weights and
  /// images in the caches: the best of several runs.
  ///
  /// A network's step cannot be faster than this by much (only where a convolution needs fewer
  /// operations than its definition).
  public static func measured() -> Double {
    let shape = ConvolutionShape(
      input: [4, 256, 28, 28], weight: [256, 256, 3, 3], hasBias: false,
      settings: Convolution(padding: [1, 1]))
    var generator = SeededGenerator(seed: 1, name: "convolution rate")
    var x = Tensor.uniform(shape.input, bound: 1, using: &generator)
    let w = Tensor.uniform(shape.weight, bound: 0.01, using: &generator)
    var best = Double.infinity
    for _ in 0..<9 {
      let start = ProfileRecorder.now()
      // Its result lies as the next one wants its images.
      x = shape.run(x, w, nil)
      best = min(best, ProfileRecorder.now() - start)
    }
    return shape.operations / best
  }
}
