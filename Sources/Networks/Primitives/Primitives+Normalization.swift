import CKernels
import ConvexKit

extension Primitives {
  /// y = γ x′ + β, x′ = (x − m)/√(v + ε) over the last axes; with g = γ dy:
  /// dx = (g − mean(g) − x′ mean(g x′))/√(v + ε), dγ = Σ dy x′, dβ = Σ dy
  ///
  /// - Shapes: x `[…, S]`, γ and β `[S]`, S any number of axes → `[…, S]`
  /// - Source: Ba, Kiros & Hinton, arXiv:1607.06450.
  public static let layerNorm = Primitive<Float>(
    name: "layer_norm", keeping: { _ in .inputs([0, 1]) },
    forward: { inputs, epsilon in
      let x = inputs[0].inPlainLayout()
      let (weight, bias) = (inputs[1].inPlainLayout(), inputs[2].inPlainLayout())
      precondition(
        !weight.shape.isEmpty && x.shape.suffix(weight.rank) == weight.shape[...]
          && bias.shape == weight.shape, "layer norm: shapes \(inputs.map(\.shape)) do not match")
      let (rows, width) = (x.count / weight.count, weight.count)
      let y = Memory(count: x.count)
      let (mean, inverse) = (Memory(count: rows), Memory(count: rows))
      withExtendedLifetime((x, weight, bias)) {
        ckernels_layer_norm(
          Int64(rows), Int64(width), x.memory.floats, weight.memory.floats, bias.memory.floats,
          epsilon, y.floats, mean.floats, inverse.floats, Int32(Parallel.defaultThreadCount))
      }
      return .init(Tensor(shape: x.shape, memory: y), saved: [mean, inverse])
    },
    pullback: { application, _, dy in
      let (x, weight, dy) = (
        application.input(0).inPlainLayout(), application.input(1).inPlainLayout(),
        dy.inPlainLayout()
      )
      let (mean, inverse) = (application.saved[0], application.saved[1])
      let (rows, width) = (Int64(x.count / weight.count), Int64(weight.count))
      let threads = Int32(Parallel.defaultThreadCount)
      var cotangents: [Tensor?] = [nil, nil, nil]
      if application.needs(0) {
        let dx = Memory(count: x.count)
        ckernels_layer_norm_backward(
          rows, width, x.memory.floats, dy.memory.floats, weight.memory.floats, mean.floats,
          inverse.floats, dx.floats, threads)
        cotangents[0] = Tensor(shape: x.shape, memory: dx)
      }
      if application.needs(1) || application.needs(2) {
        let (dγ, dβ) = (Memory(count: weight.count), Memory(count: weight.count))
        ckernels_layer_norm_weights(
          rows, width, x.memory.floats, dy.memory.floats, mean.floats, inverse.floats, dγ.floats,
          dβ.floats, threads)
        cotangents[1] = Tensor(shape: weight.shape, memory: dγ)
        cotangents[2] = Tensor(shape: weight.shape, memory: dβ)
      }
      withExtendedLifetime((x, weight, dy, mean, inverse)) {}
      return cotangents
    })

  /// The axis of a normalization, and the least norm that is divided by.
  public struct Normalization: Hashable, Sendable {
    /// The axis, counted from 0.
    public var axis: Int
    /// ε
    public var epsilon: Float
  }

  /// y = x / max(‖x‖, ε) along an axis;  dx = (dy − y ⟨y, dy⟩)/‖x‖ where ‖x‖ > ε, dy/ε elsewhere
  public static let l2Normalize = Primitive<Normalization>(
    name: "l2_normalize", takingBFloat16: true, keeping: { _ in .output },
    forward: { inputs, settings in
      if settings.axis == 1, let cells = CellVectors(inputs[0]) {
        let (y, norm) = cells.l2Normalized(epsilon: settings.epsilon)
        return .init(y, saved: [norm])
      }
      let (x, shape) = inputs[0].asImages(axis: settings.axis)
      let y = Memory(byteCount: x.actualLayout.byteCount)
      let norm = Memory(count: Int(shape.images * shape.cells))
      withExtendedLifetime(x) {
        ckernels_l2_normalize(
          shape, x.memory.floats, settings.epsilon, y.floats, norm.floats,
          Int32(Parallel.defaultThreadCount))
      }
      return .init(Tensor(shape: x.shape, memory: y, layout: x.layout), saved: [norm])
    },
    pullbackOfTerms: { application, settings, dy in
      if settings.axis == 1, let cells = CellVectors(application.output) {
        return [
          cells.l2NormalizePullBack(
            dy.takeSum(), norm: application.saved[0], epsilon: settings.epsilon)
        ]
      }
      let (y, shape) = application.output.asImages(axis: settings.axis)
      var dy = dy.takeSum().laidOut(like: y)
      let dx = dy.reusableMemory()
      let norm = application.saved[0]
      withExtendedLifetime((y, dy, norm)) {
        ckernels_l2_normalize_backward(
          shape, y.memory.floats, dy.memory.floats, norm.floats, settings.epsilon, dx.floats,
          Int32(Parallel.defaultThreadCount))
      }
      return [Tensor(shape: y.shape, memory: dx, layout: y.layout)]
    })
}

extension Tensor {
  /// This tensor as images whose channels are an axis; images in channel blocks stay that if the
  /// axis is their channels.
  fileprivate func asImages(axis: Int) -> (Tensor, ckernels_images) {
    let x = axis == 1 ? inKernelLayout() : inPlainLayout()
    if let layout = x.layout, case .channelBlocks(let lanes) = layout.kind {
      let slabs = (shape[1] + lanes - 1) / lanes
      return (
        x,
        ckernels_images(
          images: Int64(shape[0]), slabs: Int64(slabs), cells: Int64(shape[2] * shape[3]),
          lanes: Int64(lanes))
      )
    }
    return (
      x,
      ckernels_images(
        images: Int64(shape[..<axis].reduce(1, *)), slabs: Int64(shape[axis]),
        cells: Int64(shape[(axis + 1)...].reduce(1, *)), lanes: 1)
    )
  }

  /// Normalization over the last axes, then γ and β.
  ///
  /// - Parameters:
  ///   - weight: γ, whose shape says which axes.
  ///   - bias: β, of the same shape.
  ///   - epsilon: What is added to the variance.
  /// - Returns: A tensor of this shape.
  public func layerNorm(weight: Tensor, bias: Tensor, epsilon: Float = 1e-5) -> Tensor {
    Primitives.layerNorm([self, weight, bias], epsilon)
  }

  /// Every vector along an axis divided by its Euclidean norm, or by ε where that is larger.
  public func l2Normalized(axis: Int = 1, epsilon: Float = 1e-12) -> Tensor {
    Primitives.l2Normalize(
      [self], .init(axis: axisIndex(axis, "l2Normalized"), epsilon: epsilon))
  }
}
