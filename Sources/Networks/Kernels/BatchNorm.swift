import CKernels
import ConvexKit

// Batch normalization, with an optional residual r and ReLU behind it, in one pass over memory.
//
//     x′ = (x − m) / √(v + ε),    z = γ x′ + β + r,    y = z or max(z, 0)                       (1)
//
// With dz = dy or dy · [y > 0], n values per channel, and sums over each channel's values:
//
//     dr = dz,   dβ = Σ dz,   dγ = Σ dz x′                                                    (2)
//     dx = γ/√(v + ε) (dz − dβ/n − x′ dγ/n)            where m and v are the batch's own       (3)
//     dx = γ/√(v + ε) dz                              where they are given                    (4)
//
// Where several machines each have a part r of the batch, with n_r values, mean m_r and variance v_r,
//
//     n = Σ n_r,   m = Σ n_r m_r / n,   v = Σ n_r (v_r + (m_r − m)²) / n                        (5)
//
// and the sums in (3) go over all parts; those in (2) stay local, as other parameters' gradients do.

/// The batch-norm computations, not recorded.
enum BatchNorm {
  static func run(
    _ inputs: [Tensor], _ settings: BatchNormalization, relu: Bool
  ) -> (y: Tensor, saved: Memory) {
    let x = inputs[0].inKernelLayout()
    let slabs = ImageSlabs(x)
    for operand in inputs[1...2] {
      precondition(
        operand.shape == [x.shape[1]],
        "batch norm: weights of shape \(operand.shape) for an input of shape \(x.shape)")
    }
    let moments = moments(of: x, slabs, settings)
    let (γ, β) = (slabs.padded(inputs[1]), slabs.padded(inputs[2]))
    let saved = Memory(count: 2 * slabs.storedChannels)
    let (mean, inverse) = (saved.floats, saved.floats + slabs.storedChannels)
    var scale = γ
    for c in 0..<slabs.storedChannels {
      mean[c] = Float(moments.mean[c])
      inverse[c] = Float(1 / (moments.variance[c] + Double(settings.epsilon)).squareRoot())
      scale[c] *= inverse[c]
    }
    let residual = inputs.count > 3 ? inputs[3].laidOut(like: x) : nil
    let y = Memory(byteCount: x.actualLayout.byteCount)
    withExtendedLifetime((x, residual)) {
      ckernels_batch_apply(
        slabs.shape, x.memory.floats, mean, scale, β, residual?.memory.floats, relu ? 1 : 0,
        y.floats, Int32(Parallel.defaultThreadCount))
    }
    return (Tensor(shape: x.shape, memory: y, layout: x.layout), saved)
  }

  /// m and v of (1), for every stored channel.
  private static func moments(
    of x: Tensor, _ slabs: ImageSlabs, _ settings: BatchNormalization
  ) -> (mean: [Double], variance: [Double]) {
    switch settings.statistics {
    case .fixed(let mean, let variance):
      return (slabs.padded(mean).map(Double.init), slabs.padded(variance).map(Double.init))
    case .batch(let observe):
      var n = Double(slabs.valuesPerChannel)
      var (mean, variance) = slabs.withSums { scratch, mean, variance, threads in
        ckernels_batch_statistics(slabs.shape, x.memory.floats, scratch, mean, variance, threads)
      }
      if let summing = settings.summing {
        combine(&n, &mean, &variance, channels: x.shape[1], summing)
      }
      precondition(
        n > 1, "batch norm: one value per channel in a batch of shape \(x.shape) has no variance")
      let unbiased = n / (n - 1)
      observe(
        .init(
          mean: mean.prefix(x.shape[1]).map { Float($0) },
          variance: variance.prefix(x.shape[1]).map { Float($0 * unbiased) }))
      return (mean, variance)
    }
  }

  /// Equation (5). Only the channels that exist travel: padding depends on the processor.
  private static func combine(
    _ n: inout Double, _ mean: inout [Double], _ variance: inout [Double], channels: Int,
    _ summing: ([Double]) -> [Double]
  ) {
    let sums = summing([n] + (0..<channels).map { n * mean[$0] })
    let total = sums[0]
    let center = sums.dropFirst().map { $0 / total }
    let squares = summing(
      (0..<channels).map {
        n * (variance[$0] + (mean[$0] - center[$0]) * (mean[$0] - center[$0]))
      })
    n = total
    mean.replaceSubrange(0..<channels, with: center)
    variance.replaceSubrange(0..<channels, with: squares.map { $0 / total })
  }

  /// The cotangents of x, γ, β and of the residual where there is one.
  static func pullBack(
    _ application: Application, _ settings: BatchNormalization, _ dy: Tensor, relu: Bool
  ) -> [Tensor?] {
    let inputs = application.inputs
    let x = inputs[0].inKernelLayout()
    let dy = dy.laidOut(like: x)
    let y = relu ? application.output.laidOut(like: x) : nil
    let slabs = ImageSlabs(x)
    let saved = application.saved[0]
    let (mean, inverse) = (saved.floats, saved.floats + slabs.storedChannels)
    let isBatch = if case .batch = settings.statistics { true } else { false }
    let channels = x.shape[1]
    var cotangents: [Tensor?] = [nil, nil, nil]
    var (sum, product) = ([Double](), [Double]())
    if isBatch || inputs[1].needsGradient || inputs[2].needsGradient {
      (sum, product) = slabs.withSums { scratch, sum, product, threads in
        ckernels_batch_backward_sums(
          slabs.shape, x.memory.floats, dy.memory.floats, y?.memory.floats, mean, scratch, sum,
          product, threads)
      }
      let dγ = (0..<channels).map { Float(product[$0] * Double(inverse[$0])) }  // (2)
      let dβ = (0..<channels).map { Float(sum[$0]) }
      cotangents[1] = Tensor(dγ, shape: [channels])
      cotangents[2] = Tensor(dβ, shape: [channels])
    }
    let wantsResidual = inputs.count > 3 && inputs[3].needsGradient
    if inputs[0].needsGradient || wantsResidual {
      var scale = slabs.padded(inputs[1])
      var offset = [Float](repeating: 0, count: slabs.storedChannels)
      var slope = offset
      var n = Double(slabs.valuesPerChannel)
      if isBatch, let summing = settings.summing {
        let sums = summing([n] + sum.prefix(channels) + product.prefix(channels))
        n = sums[0]
        sum = Array(sums[1...channels])
        product = Array(sums.suffix(channels))
      }
      for c in 0..<channels {
        scale[c] *= inverse[c]
        guard isBatch else { continue }
        offset[c] = Float(sum[c] / n)
        slope[c] = Float(product[c] / n * Double(inverse[c]) * Double(inverse[c]))
      }
      let dx = Memory(byteCount: x.actualLayout.byteCount)
      // Without a ReLU the residual's cotangent is dy itself.
      let dz = wantsResidual && relu ? Memory(byteCount: x.actualLayout.byteCount) : nil
      withExtendedLifetime((x, dy, y)) {
        ckernels_batch_backward_apply(  // (3), (4)
          slabs.shape, x.memory.floats, dy.memory.floats, y?.memory.floats, mean, scale, offset,
          slope, dx.floats, dz?.floats, Int32(Parallel.defaultThreadCount))
      }
      cotangents[0] = Tensor(shape: x.shape, memory: dx, layout: x.layout)
      if inputs.count > 3 {
        let masked = dz.map { Tensor(shape: x.shape, memory: $0, layout: x.layout) } ?? dy
        cotangents.append(wantsResidual ? masked : nil)
      }
    } else if inputs.count > 3 {
      cotangents.append(nil)
    }
    return cotangents
  }
}
