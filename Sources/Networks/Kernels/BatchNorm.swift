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
    var moments = Moments(settings, slabs, x.shape)
    let (γ, β) = (slabs.padded(inputs[1]), slabs.padded(inputs[2]))
    let residual = inputs.count > 3 ? inputs[3].laidOut(like: x) : nil
    let saved = Memory(count: 2 * slabs.storedChannels)
    let y = Memory(byteCount: x.actualLayout.byteCount)
    let scratch = slabs.scratch()
    moments.withPointers { mean, variance in
      var norm = ckernels_batch_norm(
        x: x.memory.floats, weight: γ.memory.floats, bias: β.memory.floats,
        residual: residual.map { UnsafePointer($0.memory.floats) }, relu: relu ? 1 : 0,
        is_fixed: settings.isFixed ? 1 : 0, epsilon: Double(settings.epsilon), mean: mean,
        variance: variance, center: saved.floats, inverse: saved.floats + slabs.storedChannels,
        y: y.floats, scratch: scratch.doubles)
      ckernels_batch_norm(slabs.shape, &norm, Int32(Parallel.defaultThreadCount))
    }
    withExtendedLifetime((x, γ, β, residual, scratch)) {}
    if case .batch(let observe) = settings.statistics {
      observe(moments.observed(channels: x.shape[1], valuesPerChannel: slabs.valuesPerChannel))
    }
    return (Tensor(shape: x.shape, memory: y, layout: x.layout), saved)
  }

  /// m and v of (1), for every stored channel.
  private struct Moments {
    private var mean: [Double]
    private var variance: [Double]

    /// The given ones, or room for the batch's own.
    init(_ settings: BatchNormalization, _ slabs: ImageSlabs, _ shape: [Int]) {
      switch settings.statistics {
      case .fixed(let mean, let variance):
        self.mean = slabs.paddedElements(mean).map(Double.init)
        self.variance = slabs.paddedElements(variance).map(Double.init)
      case .batch:
        precondition(
          slabs.valuesPerChannel > 1,
          "batch norm: one value per channel in a batch of shape \(shape) has no variance")
        mean = Array(repeating: 0, count: slabs.storedChannels)
        variance = mean
      }
    }

    mutating func withPointers(
      _ body: (UnsafeMutablePointer<Double>?, UnsafeMutablePointer<Double>?) -> Void
    ) {
      mean.withUnsafeMutableBufferPointer { mean in
        variance.withUnsafeMutableBufferPointer { body(mean.baseAddress, $0.baseAddress) }
      }
    }

    /// What running statistics follow: the variance unbiased.
    func observed(channels: Int, valuesPerChannel n: Int) -> BatchNormalization.Moments {
      let unbiased = Double(n) / Double(n - 1)
      return .init(
        mean: mean.prefix(channels).map { Float($0) },
        variance: variance.prefix(channels).map { Float($0 * unbiased) })
    }
  }

  /// The cotangents of x, γ, β and of the residual where there is one.
  ///
  /// The last term of a sum of cotangents is added on the way. Where nobody else holds the memory
  /// of the cotangent, it becomes that of dz and dx.
  static func pullBack(
    _ application: Application, _ settings: BatchNormalization, _ dy: Cotangent, relu: Bool
  ) -> [Tensor?] {
    let inputs = application.inputs
    let x = inputs[0].inKernelLayout()
    let wanted = Wanted(application, settings)
    // y is computed again from x where that needs no more than x.
    let y = relu && inputs.count > 3 ? application.output.laidOut(like: x) : nil
    let slabs = ImageSlabs(x)
    let (γ, β) = (slabs.padded(inputs[1]), slabs.padded(inputs[2]))
    let saved = application.saved[0]
    var (first, second) = dy.takeTerms()
    first = first.laidOut(like: x)
    second = second?.laidOut(like: x)
    let ours = first.ownsItsMemory() ? first : second?.ownsItsMemory() == true ? second : nil
    func result(_ reused: Tensor?) -> Memory {
      reused?.memory ?? Memory(byteCount: x.actualLayout.byteCount)
    }
    let storesDz = second != nil || (wanted.residual && relu)
    let dz = storesDz ? result(ours) : nil
    let dx = wanted.input ? (wanted.residual ? result(nil) : dz ?? result(ours)) : nil
    var sums = slabs.emptySums()
    let scratch = slabs.scratch()
    sums.withPointers { sum, product in
      var norm = ckernels_batch_norm_backward(
        x: x.memory.floats, weight: γ.memory.floats, bias: β.memory.floats, center: saved.floats,
        inverse: saved.floats + slabs.storedChannels, first: first.memory.floats,
        second: second.map { UnsafePointer($0.memory.floats) },
        mask: relu ? (y == nil ? 2 : 1) : 0, y: y.map { UnsafePointer($0.memory.floats) },
        is_fixed: settings.isFixed ? 1 : 0, sums: wanted.sums ? 1 : 0, dz: dz?.floats,
        dx: dx?.floats, sum: sum, product: product, scratch: scratch.doubles)
      ckernels_batch_norm_backward(  // (2), (3), (4)
        slabs.shape, &norm, Int32(Parallel.defaultThreadCount))
    }
    withExtendedLifetime((x, y, γ, β, saved, first, second, scratch)) {}
    let channels = x.shape[1]
    let inverse = saved.floats + slabs.storedChannels
    var cotangents: [Tensor?] = [
      dx.map { Tensor(shape: x.shape, memory: $0, layout: x.layout) },
      application.needs(1)
        ? Tensor(
          (0..<channels).map { Float(sums.b[$0] * Double(inverse[$0])) }, shape: [channels]) : nil,
      application.needs(2)
        ? Tensor((0..<channels).map { Float(sums.a[$0]) }, shape: [channels]) : nil,
    ]
    if inputs.count > 3 {
      // Without a ReLU the residual's cotangent is dy itself.
      let dr = dz.map { Tensor(shape: x.shape, memory: $0, layout: x.layout) } ?? first
      cotangents.append(wanted.residual ? dr : nil)
    }
    return cotangents
  }

  /// Which cotangents somebody asks for.
  private struct Wanted {
    let input, residual, sums: Bool

    init(_ application: Application, _ settings: BatchNormalization) {
      input = application.needs(0)
      residual = application.inputs.count > 3 && application.needs(3)
      sums =
        application.needs(1) || application.needs(2) || (input && !settings.isFixed)
    }
  }
}

extension BatchNormalization {
  /// Whether mean and variance are given.
  fileprivate var isFixed: Bool {
    if case .fixed = statistics { true } else { false }
  }
}
