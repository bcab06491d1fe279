import Networks

/// Images of which growing fractions are removed, in the order that maps give.
public struct Perturbation: Sendable {
  private let images: Tensor
  private let rankings: [[Int]]
  private let settings: PerturbationProtocol

  /// Ranks the pixels of every image.
  ///
  /// - Parameters:
  ///   - images: `[N, C, H, W]`
  ///   - maps: The importance of cells, `[N, h, w]` or `[N, 1, h, w]`; resized to the images by the
  ///     nearest cell.
  ///   - settings: How pixels are removed.
  /// - Throws: ``ExplanationError/shapeMismatch(operand:expected:actual:)``, and
  ///   ``ExplanationError/notANumber(operand:sample:)`` for a map that ranks nothing.
  public init(
    images: Tensor, maps: Tensor, settings: PerturbationProtocol = PerturbationProtocol()
  ) throws(ExplanationError) {
    guard images.rank == 4 else {
      throw .shapeMismatch(operand: "images", expected: [-1, -1, -1, -1], actual: images.shape)
    }
    let isFlat = maps.rank == 3
    guard isFlat || (maps.rank == 4 && maps.shape[1] == 1), maps.shape[0] == images.shape[0] else {
      throw .shapeMismatch(
        operand: "maps", expected: [images.shape[0], 1, -1, -1], actual: maps.shape)
    }
    let size = Array(images.shape.suffix(2))
    let values = withoutRecording {
      maps.detached().reshaped([maps.shape[0], 1] + maps.shape.suffix(2))
        .resized(to: size, mode: .nearest)
    }.elements
    let pixels = size[0] * size[1]
    if let index = values.firstIndex(where: \.isNaN) {
      throw .notANumber(operand: "maps", sample: index / pixels)
    }
    self.images = images.detached()
    self.settings = settings
    rankings = (0..<images.shape[0]).map { n in
      settings.ranking(Array(values[n * pixels..<(n + 1) * pixels]))
    }
  }

  /// Which pixels of an image are still there when a fraction is removed, in row order.
  ///
  /// - Parameters:
  ///   - sample: The image.
  ///   - fraction: The fraction removed.
  /// - Returns: One truth value per pixel.
  public func kept(sample: Int, removing fraction: Double) -> [Bool] {
    let ranking = rankings[sample]
    var kept = [Bool](repeating: true, count: ranking.count)
    for pixel in ranking.prefix(settings.removed(fraction, of: ranking.count)) {
      kept[pixel] = false
    }
    return kept
  }

  /// The images of a range without a fraction of their pixels.
  ///
  /// - Parameters:
  ///   - fraction: The fraction removed.
  ///   - samples: Which images; all unless given.
  /// - Returns: `[samples, C, H, W]`
  public func images(removing fraction: Double, samples: Range<Int>? = nil) -> Tensor {
    let samples = samples ?? 0..<images.shape[0]
    let (channels, pixels) = (images.shape[1], images.shape[2] * images.shape[3])
    let shape = [samples.count] + images.shape.dropFirst()
    return images.withElements { source in
      Tensor(shape: shape) { result in
        let size = channels * pixels
        _ = result.update(
          fromContentsOf: source[samples.lowerBound * size..<samples.upperBound * size])
        for (row, sample) in samples.enumerated() {
          let gone = rankings[sample].prefix(settings.removed(fraction, of: pixels))
          for channel in 0..<channels {
            let start = row * size + channel * pixels
            let fill = fill(UnsafeBufferPointer(rebasing: result[start..<start + pixels]))
            for pixel in gone { result[start + pixel] = fill }
          }
        }
      }
    }
  }

  /// The scores of the images without a fraction of their pixels.
  ///
  /// - Parameters:
  ///   - network: The classifier.
  ///   - fraction: The fraction removed.
  ///   - batchSize: How many images go through the network at once.
  /// - Returns: `[N, classes]`
  /// - Throws: ``ExplanationError``.
  public func scores(
    _ network: ExplainedNetwork, removing fraction: Double, batchSize: Int = 16
  ) throws(ExplanationError) -> Tensor {
    var parts: [Tensor] = []
    for start in stride(from: 0, to: images.shape[0], by: max(1, batchSize)) {
      let batch = images(
        removing: fraction, samples: start..<min(start + max(1, batchSize), images.shape[0]))
      parts.append(try network.output(batch).scores)
    }
    return withoutRecording { .concatenated(parts, axis: 0) }
  }

  private func fill(_ channel: UnsafeBufferPointer<Float>) -> Float {
    switch settings.fill {
    case .constant(let value): value
    case .channelMean: Float(channel.reduce(0) { $0 + Double($1) } / Double(channel.count))
    }
  }
}
