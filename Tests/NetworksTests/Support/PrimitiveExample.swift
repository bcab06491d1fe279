import ConvexKit
import DualLayer
import KLProjection
import Networks

/// A primitive at a point where it is differentiable.
struct PrimitiveExample {
  let inputs: [Tensor]
  let compute: @Sendable ([Tensor]) -> Tensor

  init(_ inputs: Tensor..., compute: @escaping @Sendable ([Tensor]) -> Tensor) {
    self.inputs = inputs
    self.compute = compute
  }

  /// The examples by the primitive's name. Kinks (relu, the largest of a window) are further away
  /// than the differences reach.
  static func all() throws -> [String: [PrimitiveExample]] {
    var generator = SeededGenerator(seed: 1, name: "primitive examples")
    func normal(_ shape: Int...) -> Tensor { .normal(shape, using: &generator) }
    func positive(_ shape: Int...) -> Tensor {
      Tensor.normal(shape, using: &generator).elements.map { abs($0) + 0.5 }.tensor(shape)
    }
    // Distinct multiples of 0.4, none of them 0, in random order.
    func separated(_ shape: Int...) -> Tensor {
      let count = shape.reduce(1, *)
      let values = (0..<count).map { 0.4 * (Float($0) - Float(count) / 2 + 0.5) }
      return values.shuffled(using: &generator).tensor(shape)
    }
    var examples: [String: [PrimitiveExample]] = [:]
    examples["add"] = [
      PrimitiveExample(normal(2, 3, 4), normal(3, 1)) { $0[0] + $0[1] },
      PrimitiveExample(normal(3, 4), normal(3, 4)) { $0[0] + $0[1] },
    ]
    examples["subtract"] = [PrimitiveExample(normal(2, 1, 4), normal(3, 1)) { $0[0] - $0[1] }]
    examples["multiply"] = [
      PrimitiveExample(normal(2, 3, 4), normal(2, 1, 4)) { $0[0] * $0[1] },
      PrimitiveExample(normal(5), normal()) { $0[0] * $0[1] },
    ]
    examples["divide"] = [PrimitiveExample(normal(2, 3), positive(3)) { $0[0] / $0[1] }]
    examples["affine"] = [PrimitiveExample(normal(7)) { $0[0].affine(scale: -2, shift: 3) }]
    examples["relu"] = [PrimitiveExample(separated(3, 4)) { $0[0].relu() }]
    examples["gelu"] = [PrimitiveExample(normal(3, 4)) { $0[0].gelu() }]
    examples["exp"] = [PrimitiveExample(normal(3, 4)) { $0[0].exp() }]
    examples["log"] = [PrimitiveExample(positive(3, 4)) { $0[0].log() }]
    let mask: Tensor = [1, 0, 1, 1, 0, 1].tensor([2, 3])
    examples["dropout"] = [
      PrimitiveExample(normal(2, 3)) { $0[0].dropout(mask: mask, probability: 0.25) }
    ]
    examples["sum"] = [
      PrimitiveExample(normal(2, 3, 4)) { $0[0].sum(axes: [1]) },
      PrimitiveExample(normal(2, 3, 4)) { $0[0].mean(axes: [0, -1], keepingAxes: true) },
      PrimitiveExample(normal(2, 3)) { $0[0].sum() },
    ]
    examples["reshape"] = [PrimitiveExample(normal(2, 6)) { $0[0].reshaped([3, -1]) }]
    examples["permute"] = [PrimitiveExample(normal(2, 3, 4)) { $0[0].permuted([2, 0, 1]) }]
    examples["expand"] = [PrimitiveExample(normal(3, 1)) { $0[0].expanded(to: [2, 3, 4]) }]
    examples["concatenate"] = [
      PrimitiveExample(normal(2, 1, 3), normal(2, 2, 3)) { .concatenated($0, axis: 1) }
    ]
    examples["slice"] = [PrimitiveExample(normal(2, 5, 2)) { $0[0].sliced(axis: 1, 1..<4) }]
    examples["linear"] = [
      PrimitiveExample(normal(2, 3, 4), normal(5, 4), normal(5)) {
        $0[0].linear($0[1], bias: $0[2])
      }
    ]
    examples["matmul"] = [
      PrimitiveExample(normal(2, 1, 3, 4), normal(3, 4, 2)) { $0[0].matrixProduct($0[1]) },
      PrimitiveExample(normal(4), normal(3, 4, 2)) { $0[0].matrixProduct($0[1]) },
      PrimitiveExample(normal(4), normal(4)) { $0[0].matrixProduct($0[1]) },
    ]
    let grouped = Convolution(stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2)
    examples["conv2d"] = [
      PrimitiveExample(normal(2, 4, 6, 5), normal(6, 2, 3, 2), normal(6)) {
        $0[0].conv2D($0[1], bias: $0[2], settings: grouped)
      },
      PrimitiveExample(normal(1, 16, 5, 4), normal(16, 16, 3, 3)) {
        $0[0].conv2D($0[1], settings: Convolution(padding: [1, 1]))
      },
    ]
    let overlapping = Pooling(kernel: [3, 2], stride: [2, 1], padding: [1, 1])
    examples["max_pool2d"] = [
      PrimitiveExample(separated(1, 2, 5, 4)) { $0[0].maxPool2D(overlapping) }
    ]
    examples["avg_pool2d"] = [
      PrimitiveExample(normal(1, 2, 5, 4)) {
        $0[0].averagePool2D(overlapping, countsPadding: false)
      },
      PrimitiveExample(normal(1, 2, 5, 4)) { $0[0].adaptiveAveragePool2D([2, 3]) },
      PrimitiveExample(normal(1, 2, 5, 4)) { $0[0].sumPool2D([2, 3]) },
    ]
    examples["resize"] = [
      PrimitiveExample(normal(1, 2, 3, 4)) { $0[0].resized(to: [5, 3], mode: .bilinear) },
      PrimitiveExample(normal(1, 2, 3, 4)) { $0[0].resized(to: [5, 3], mode: .nearest) },
      PrimitiveExample(normal(1, 2, 3, 4)) {
        $0[0].resized(to: [5, 3], mode: .bicubic(isSmoothing: false))
      },
      PrimitiveExample(normal(1, 2, 3, 4)) {
        $0[0].resized(to: [5, 3], mode: .bicubic(isSmoothing: true))
      },
    ]
    let batch = BatchNormalization(statistics: .batch(observe: { _ in }), epsilon: 0.1)
    let fixed = BatchNormalization(
      statistics: .fixed(mean: normal(3), variance: positive(3)), epsilon: 0.1)
    examples["batch_norm"] = [batch, fixed].map { settings in
      PrimitiveExample(normal(3, 3, 2, 2), normal(3), normal(3)) {
        $0[0].batchNorm(weight: $0[1], bias: $0[2], settings: settings)
      }
    }
    // A residual that decides the sign of the sum keeps it away from the kink.
    let residual = Tensor(
      separated(3, 3, 2, 2).elements.map { $0 > 0 ? $0 + 5 : $0 - 5 }, shape: [3, 3, 2, 2])
    examples["batch_norm_relu"] = [batch, fixed].map { settings in
      PrimitiveExample(normal(3, 3, 2, 2), normal(3), normal(3), residual) {
        Primitives.batchNormReLU($0, settings)
      }
    }
    examples["layer_norm"] = [
      PrimitiveExample(normal(3, 2, 5), normal(2, 5), normal(2, 5)) {
        $0[0].layerNorm(weight: $0[1], bias: $0[2], epsilon: 0.1)
      }
    ]
    examples["l2_normalize"] = [
      PrimitiveExample(normal(2, 3, 4)) { $0[0].l2Normalized() },
      // Every norm is below ε.
      PrimitiveExample(normal(2, 3)) { $0[0].l2Normalized(axis: -1, epsilon: 9) },
    ]
    examples["softmax"] = [
      PrimitiveExample(normal(2, 5, 3)) { $0[0].softmax(axis: 1) },
      PrimitiveExample(normal(2, 3, 2)) { $0[0].spatialSoftmax() },
      PrimitiveExample(normal(2, 5)) { $0[0].logSoftmax() },
    ]
    examples["cross_entropy"] = [
      PrimitiveExample(normal(3, 4)) {
        $0[0].crossEntropy([2, 0, 3], weights: [1, 2, 0.5, 3], smoothing: 0.2)
      }
    ]
    let pooling = try Marginalization(fine: [4, 2], coarse: [2, 1])
    let consistency = try ConsistentAttention(pooling, alpha: 3)
    examples["witnessPenalty"] = [
      PrimitiveExample(normal(2, 4, 2), normal(2, 2, 1), normal(1, 1, 2, 1)) {
        consistency.witnessPenalty(fine: $0[0], coarse: $0[1], as: .potentials, witness: $0[2])
      }
    ]
    examples["exactPenalty"] = [
      PrimitiveExample(normal(2, 4, 2), normal(2, 2, 1)) {
        consistency.exactPenalty(fine: $0[0], coarse: $0[1], as: .potentials)
      }
    ]
    examples["projection"] = [
      PrimitiveExample(normal(2, 4, 2), normal(2, 2, 1)) {
        consistency.project(fine: $0[0], coarse: $0[1], as: .potentials).fine
      }
    ]
    examples["marginal"] = [
      PrimitiveExample(normal(2, 4, 2)) { Primitives.marginal([$0[0]], pooling) }
    ]
    let logMarginal = try LogMarginal(pooling)
    examples["logMarginal"] = [
      PrimitiveExample(normal(2, 4, 2)) { Primitives.logMarginal([$0[0]], logMarginal) }
    ]
    let hierarchy = try ConsistentHierarchy(grids: [[4, 2], [2, 2], [1, 2]], alpha: 3)
    examples["hierarchyPenalty"] = [
      PrimitiveExample(normal(2, 4, 2), normal(2, 2, 2), normal(2, 1, 2)) {
        hierarchy.exactPenalty($0.map(AttentionMap.init))
      }
    ]
    examples["hierarchyProjection"] = [
      PrimitiveExample(normal(2, 4, 2), normal(2, 2, 2), normal(2, 1, 2)) {
        hierarchy.project($0.map(AttentionMap.init))[0]
      }
    ]
    let (ridge, softmax) = (try ridgeLayer(), try softmaxLayer())
    examples["convexLayer"] = [
      PrimitiveExample(normal(2, 3, 2), normal(2, 3)) { .solution(of: ridge, at: $0) },
      PrimitiveExample(normal(3, 4)) { .solution(of: softmax, at: $0) },
    ]
    return examples
  }
}

/// x = argmin ‖F x − y‖² + ‖x‖², F `[3, 2]`.
private func ridgeLayer() throws -> ConvexLayer {
  let (f, y) = (ConvexKit.Parameter(3, 2, name: "F"), ConvexKit.Parameter(3, name: "y"))
  let x = Variable(2, name: "x")
  return try ConvexLayer(
    Problem(minimize: sumSquares(f * x - y) + sumSquares(x)), parameters: [f, y], variables: [x])
}

/// x = argmax cᵀx + entropy(x) on the simplex.
private func softmaxLayer() throws -> ConvexLayer {
  let (c, x) = (ConvexKit.Parameter(4, name: "c"), Variable(4, name: "x"))
  return try ConvexLayer(
    Problem(maximize: dot(c, x) + entropy(x), subjectTo: [ConvexKit.sum(x) == 1]),
    parameters: [c], variables: [x])
}

extension [Float] {
  /// These numbers as a tensor.
  func tensor(_ shape: [Int]) -> Tensor { Tensor(self, shape: shape) }
}
