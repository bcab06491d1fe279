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
    let x = inputs[0].inImageLayout()
    let slabs = ImageSlabs(x)
    for operand in inputs[1...2] {
      precondition(
        operand.shape == [x.shape[1]],
        "batch norm: weights of shape \(operand.shape) for an input of shape \(x.shape)")
    }
    var moments = Moments(settings, slabs, channels: x.shape[1])
    let (γ, β) = (slabs.padded(inputs[1]), slabs.padded(inputs[2]))
    let residual = inputs.count > 3 ? inputs[3].laidOut(like: x) : nil
    let saved = Memory(count: 2 * slabs.storedChannels)
    let y = Memory(byteCount: x.actualLayout.byteCount)
    let scratch = slabs.scratch()
    func pass(isFixed: Bool, y: UnsafeMutableRawPointer?) {
      moments.withPointers { mean, variance in
        var norm = ckernels_batch_norm(
          x: x.memory.pointer, weight: γ.memory.floats, bias: β.memory.floats,
          residual: residual.map { UnsafeRawPointer($0.memory.pointer) }, relu: relu ? 1 : 0,
          is_fixed: isFixed ? 1 : 0, epsilon: Double(settings.epsilon), mean: mean,
          variance: variance, center: saved.floats,
          inverse: saved.floats + slabs.storedChannels, y: y, scratch: scratch.doubles)
        ckernels_batch_norm(slabs.batch, &norm, Int32(Parallel.defaultThreadCount))
      }
    }
    if let summing = settings.summingOverParts {
      pass(isFixed: false, y: nil)
      moments.combine(summing)
      pass(isFixed: true, y: y.pointer)
    } else {
      pass(isFixed: settings.isFixed, y: y.pointer)
    }
    withExtendedLifetime((x, γ, β, residual, scratch)) {}
    if case .batch(let observe) = settings.statistics {
      precondition(
        moments.count > 1,
        "batch norm: one value per channel in a batch of shape \(x.shape) has no variance")
      observe(moments.observed)
    }
    return (Tensor(shape: x.shape, memory: y, layout: x.layout), saved)
  }

  /// y of (1) once more, by the m and 1/√(v + ε) that the first time left.
  static func again(_ inputs: [Tensor], saved: Memory, relu: Bool) -> Tensor {
    let x = inputs[0].inImageLayout()
    let slabs = ImageSlabs(x)
    let (γ, β) = (slabs.padded(inputs[1]), slabs.padded(inputs[2]))
    let residual = inputs.count > 3 ? inputs[3].laidOut(like: x) : nil
    let y = Memory(byteCount: x.actualLayout.byteCount)
    let scratch = slabs.scratch()
    ckernels_batch_norm_again(
      slabs.batch, x.memory.pointer, γ.memory.floats, β.memory.floats,
      residual.map { UnsafeRawPointer($0.memory.pointer) }, relu ? 1 : 0, saved.floats,
      saved.floats + slabs.storedChannels, y.pointer, scratch.doubles,
      Int32(Parallel.defaultThreadCount))
    withExtendedLifetime((x, γ, β, residual, saved, scratch)) {}
    return Tensor(shape: x.shape, memory: y, layout: x.layout)
  }

  /// n of (3), and m and v of (1) for every stored channel.
  private struct Moments {
    private(set) var count: Double
    private var mean: [Double]
    private var variance: [Double]
    private let channels: Int

    /// The given ones, or room for the batch's own.
    init(_ settings: BatchNormalization, _ slabs: ImageSlabs, channels: Int) {
      count = Double(slabs.valuesPerChannel)
      self.channels = channels
      switch settings.statistics {
      case .fixed(let mean, let variance):
        self.mean = slabs.paddedElements(mean).map(Double.init)
        self.variance = slabs.paddedElements(variance).map(Double.init)
      case .batch:
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

    /// Equation (5). Only the channels that exist travel: padding depends on the processor.
    mutating func combine(_ summing: ([Double]) -> [Double]) {
      let sums = summing([count] + (0..<channels).map { count * mean[$0] })
      let total = sums[0]
      let center = sums.dropFirst().map { $0 / total }
      let squares = summing(
        (0..<channels).map {
          count * (variance[$0] + (mean[$0] - center[$0]) * (mean[$0] - center[$0]))
        })
      count = total
      mean.replaceSubrange(0..<channels, with: center)
      variance.replaceSubrange(0..<channels, with: squares.map { $0 / total })
    }

    /// What running statistics follow: the variance unbiased.
    var observed: BatchNormalization.Moments {
      .init(
        mean: mean.prefix(channels).map { Float($0) },
        variance: variance.prefix(channels).map { Float($0 * count / (count - 1)) })
    }
  }

  /// The cotangents of x, γ, β and of the residual where there is one.
  ///
  /// The last term of a sum of cotangents is added on the way. Where nobody else holds the memory
  /// of the cotangent, it becomes that of dz and dx.
  static func pullBack(
    _ application: Application, _ settings: BatchNormalization, _ dy: Cotangent, relu: Bool
  ) -> [Tensor?] {
    let hasResidual = application.operands.count > 3
    let x = application.input(0).inImageLayout()
    let wanted = Wanted(application, settings)
    // y is computed again from x where that needs no more than x.
    let y = relu && hasResidual ? application.output.laidOut(like: x) : nil
    let slabs = ImageSlabs(x)
    let (γ, β) = (slabs.padded(application.input(1)), slabs.padded(application.input(2)))
    let saved = application.saved[0]
    var (first, second) = dy.takeTerms()
    first = first.laidOut(like: x)
    second = second?.laidOut(like: x)
    let ours = first.ownsItsMemory() ? first : second?.ownsItsMemory() == true ? second : nil
    func result(_ reused: Tensor?) -> Memory {
      reused?.memory ?? Memory(byteCount: x.actualLayout.byteCount)
    }
    // Sums over all parts are known after a first pass only, which leaves dz for a second one.
    let summing = wanted.input ? settings.summingOverParts : nil
    let storesDz = second != nil || summing != nil || (wanted.residual && relu)
    let dz = storesDz ? result(ours) : nil
    let dx = wanted.input ? (wanted.residual ? result(nil) : dz ?? result(ours)) : nil
    var sums = slabs.emptySums()
    let scratch = slabs.scratch()
    func pass(
      _ sums: inout ImageSlabs.Sums, count: Double, first: Tensor, second: Tensor?, mask: Int32,
      wantsSums: Bool, dz: Memory?, dx: Memory?
    ) {
      sums.withPointers { sum, product in
        var norm = ckernels_batch_norm_backward(
          x: x.memory.pointer, weight: γ.memory.floats, bias: β.memory.floats,
          center: saved.floats, inverse: saved.floats + slabs.storedChannels,
          first: first.memory.pointer,
          second: second.map { UnsafeRawPointer($0.memory.pointer) },
          mask: mask, y: y.map { UnsafeRawPointer($0.memory.pointer) },
          is_fixed: settings.isFixed ? 1 : 0, count: count, sums: wantsSums ? 1 : 0,
          dz: dz?.pointer, dx: dx?.pointer, sum: sum, product: product, scratch: scratch.doubles)
        ckernels_batch_norm_backward(  // (2), (3), (4)
          slabs.batch, &norm, Int32(Parallel.defaultThreadCount))
      }
    }
    let count = Double(slabs.valuesPerChannel)
    let mask: Int32 = relu ? (y == nil ? 2 : 1) : 0
    pass(
      &sums, count: count, first: first, second: second, mask: mask, wantsSums: wanted.sums,
      dz: dz, dx: summing == nil ? dx : nil)
    if let summing, let dz {
      var (total, everywhere) = (count, sums)
      everywhere.add(over: &total, channels: x.shape[1], summing)
      pass(
        &everywhere, count: total, first: Tensor(shape: x.shape, memory: dz, layout: x.layout),
        second: nil, mask: 0, wantsSums: false, dz: nil, dx: dx)
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
    if hasResidual {
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
      residual = application.operands.count > 3 && application.needs(3)
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

  /// How sums go over all parts of the batch, where its own statistics are used.
  fileprivate var summingOverParts: (@Sendable ([Double]) -> [Double])? {
    isFixed ? nil : summing
  }
}
