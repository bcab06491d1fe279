import CKernels

/// A batch of images as the batch-norm kernels see it, in whichever layout it lies.
struct ImageSlabs {
  let batch: ckernels_batch
  /// The channels, those that fill up the last block included.
  let storedChannels: Int
  /// The numbers that each channel has in the batch.
  let valuesPerChannel: Int

  /// - Parameter x: `[N, C, …]`, as ``Tensor/inImageLayout()`` leaves it.
  init(_ x: Tensor) {
    precondition(x.rank >= 2, "batch norm: a tensor of shape \(x.shape) has no channels")
    let cells = x.shape.dropFirst(2).reduce(1, *)
    var (images, lanes, step) = (x.shape[0], 1, 1)
    valuesPerChannel = images * cells
    switch x.layout?.kind {
    case .channelBlocks(let block): (lanes, step) = (block, block)
    case .channelsLast: (images, lanes, step) = (1, 16, x.shape[1])
    case .plain, .opaque, nil: break
    }
    let slabs = (x.shape[1] + lanes - 1) / lanes
    storedChannels = slabs * lanes
    batch = ckernels_batch(
      shape: ckernels_images(
        images: Int64(images), slabs: Int64(slabs), cells: Int64(valuesPerChannel / images),
        lanes: Int64(lanes)),
      step: Int64(step), is_bfloat16: x.numberType == .bfloat16 ? 1 : 0)
  }

  /// A value per channel, with zeros for the channels that fill up the last block.
  func padded(_ values: Tensor) -> Tensor {
    values.count == storedChannels && values.isPlain
      ? values : Tensor(paddedElements(values), shape: [storedChannels])
  }

  func paddedElements(_ values: Tensor) -> [Float] {
    values.elements + Array(repeating: 0, count: storedChannels - values.count)
  }

  /// What the batch-norm kernels keep between their passes.
  func scratch() -> Memory {
    Memory(byteCount: 8 * Int(ckernels_batch_scratch(batch)))
  }

  /// Two sums per channel, to be filled in.
  func emptySums() -> Sums {
    Sums(
      a: Array(repeating: 0, count: storedChannels), b: Array(repeating: 0, count: storedChannels))
  }

  /// Two sums per channel.
  struct Sums {
    var a, b: [Double]

    mutating func withPointers(
      _ body: (UnsafeMutablePointer<Double>?, UnsafeMutablePointer<Double>?) -> Void
    ) {
      a.withUnsafeMutableBufferPointer { a in
        b.withUnsafeMutableBufferPointer { body(a.baseAddress, $0.baseAddress) }
      }
    }

    /// Adds the sums, and the number of values, of all parts of the batch.
    mutating func add(
      over count: inout Double, channels: Int, _ summing: ([Double]) -> [Double]
    ) {
      let all = summing([count] + a.prefix(channels) + b.prefix(channels))
      count = all[0]
      a.replaceSubrange(0..<channels, with: all[1...channels])
      b.replaceSubrange(0..<channels, with: all.suffix(channels))
    }
  }
}
