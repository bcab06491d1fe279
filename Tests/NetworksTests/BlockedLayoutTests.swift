import ConvexKit
import Networks
import TestSupport
import Testing

/// What a convolution returns lies in blocks of channels on machines with wide vectors; every
/// operator must make the same of it as of the same numbers in row-major order.
@Suite struct BlockedLayoutTests {
  /// Images as a convolution leaves them; with 16 and with 24 channels, the latter filling up a
  /// block with zeros.
  private static func images(_ channels: Int, seed: UInt64) -> Tensor {
    var generator = SeededGenerator(seed: seed)
    let x = Tensor.normal([2, 16, 6, 8], using: &generator)
    let weight = Tensor.uniform([channels, 16, 3, 3], bound: 0.3, using: &generator)
    return x.conv2D(weight, settings: Convolution(padding: [1, 1]))
  }

  private static let operators: [String: @Sendable (Tensor) -> Tensor] = [
    "relu": { $0.relu() },
    "gelu": { $0.gelu() },
    "exp": { $0.exp() },
    "log": { ($0 * $0 + 1).log() },
    "affine": { $0.affine(scale: 2, shift: 1) * $0 },
    "add itself": { $0 + $0.relu() },
    "times a map": { $0 * $0.sum(axes: [1], keepingAxes: true) },
    "plus a map": { $0 + $0.mean(axes: [1], keepingAxes: true) },
    "minus a scalar": { $0 - $0.mean() },
    "times channels": { $0 * $0.sum(axes: [0, 2, 3], keepingAxes: true) },
    "times samples' channels": { $0 * $0.sum(axes: [2, 3], keepingAxes: true) },
    "over one plus its square": { $0 / ($0 * $0 + 1) },
    "over a map": { $0 / ($0 * $0 + 1).sum(axes: [1], keepingAxes: true) },
    "sum over images": { $0.sum(axes: [0, 2, 3]) },
    "sum over samples": { $0.sum(axes: [0]) },
    "mean": { $0.mean() },
    "softmax": { $0.softmax() },
    "softmax of channels": { $0.softmax(axis: 1) },
    "spatial softmax": { $0.sum(axes: [1]).spatialSoftmax() },
    "reshape": { $0.flattened(from: 1) },
    "permute": { $0.permuted([0, 2, 3, 1]) },
    "concatenate": { .concatenated([$0, $0.relu()], axis: 1) },
    "slice": { $0.sliced(axis: 1, 3..<9) },
    "expand": { $0.reshaped([1] + $0.shape).expanded(to: [2] + $0.shape) },
    "max pool": { $0.maxPool2D(Pooling(kernel: [2, 2])) },
    "overlapping max pool": {
      $0.maxPool2D(Pooling(kernel: [3, 3], stride: [2, 2], padding: [1, 1]))
    },
    "average pool": { $0.averagePool2D(Pooling(kernel: [2, 2])) },
    "adaptive pool": { $0.adaptiveAveragePool2D([1, 1]) },
    "resize": { $0.resized(to: [9, 5], mode: .bilinear) },
    "l2": { $0.l2Normalized() },
    "l2 of rows": { $0.l2Normalized(axis: -1) },
    "batch norm": { x in BatchNorm2D(channels: x.shape[1])(x) },
    "batch norm, relu": { x in BatchNorm2D(channels: x.shape[1]).relu(x) },
    "batch norm, residual, relu": { x in
      BatchNorm2D(channels: x.shape[1]).relu(x, adding: x.affine(scale: 0.5))
    },
    "matrix product": { $0.matrixProduct($0.transposed()) },
    "convolution": { x in
      x.conv2D(Tensor(repeating: 0.1, shape: [4, x.shape[1], 2, 2]))
    },
  ]

  @Test(arguments: operators.keys.sorted(), [16, 24])
  func `blocked and row-major images give the same`(_ name: String, _ channels: Int) throws {
    let compute = try #require(Self.operators[name])
    let images = Self.images(channels, seed: 3)
    let blocked = images.differentiable()
    let plain = Tensor(images.elements, shape: images.shape).differentiable()
    let (a, b) = (compute(blocked), compute(plain))
    #expect(a.shape == b.shape)
    try expectClose(a, b)
    var generator = SeededGenerator(seed: 4)
    let dy = Tensor.normal(a.shape, using: &generator)
    let (da, db) = (a.pullBack(dy), b.pullBack(dy))
    try expectClose(try #require(da[blocked]), try #require(db[plain]))
  }

  private func expectClose(_ a: Tensor, _ b: Tensor) throws {
    let scale = b.elements.reduce(1) { max($0, abs($1)) }
    #expect(maximumAbsoluteDifference(a.elements, b.elements) <= 5e-6 * scale)
  }

  @Test(arguments: [16, 24], [1, 2, 3])
  func `cotangents of a fused batch norm that is used several times are added`(
    _ channels: Int, _ uses: Int
  ) throws {
    let x = Self.images(channels, seed: 5).differentiable()
    let residual = Self.images(channels, seed: 6).differentiable()
    let norm = BatchNorm2D(channels: channels)
    let dy = Self.images(channels, seed: 7)
    for hasResidual in [false, true] {
      let y = norm.relu(x, adding: hasResidual ? residual : nil)
      // Distinct cotangents of one value: dy, 2 dy, 3 dy.
      let terms = (1...uses).map { y.affine(scale: Float($0)) }
      let several = terms.dropFirst().reduce(terms[0], +).pullBack(dy)
      let once = y.pullBack(dy.affine(scale: Float(uses * (uses + 1) / 2)))
      try expectClose(try #require(several[x]), try #require(once[x]))
      try expectClose(try #require(several[norm.weight]), try #require(once[norm.weight]))
      try expectClose(try #require(several[norm.bias]), try #require(once[norm.bias]))
      if hasResidual {
        try expectClose(try #require(several[residual]), try #require(once[residual]))
      }
    }
  }

  @Test func `a pullback leaves a cotangent alone that somebody else holds`() throws {
    let x = Self.images(16, seed: 5).differentiable()
    let dy = Self.images(16, seed: 7)
    let before = dy.elements
    let y = BatchNorm2D(channels: 16).relu(x)
    let first = y.pullBack(dy)
    #expect(dy.elements == before)
    #expect(try #require(first[x]).elements == (try #require(y.pullBack(dy)[x])).elements)
  }

  @Test func `a fused batch norm is the batch norm, the sum and the relu`() throws {
    let x = Self.images(24, seed: 5).differentiable()
    let residual = Self.images(24, seed: 6).differentiable()
    let norm = BatchNorm2D(channels: 24)
    let fused = norm.relu(x, adding: residual)
    let separate = (norm(x) + residual).relu()
    try expectClose(fused, separate)
    let dy = Self.images(24, seed: 7)
    let (a, b) = (fused.pullBack(dy), separate.pullBack(dy))
    try expectClose(try #require(a[x]), try #require(b[x]))
    try expectClose(try #require(a[residual]), try #require(b[residual]))
    try expectClose(try #require(a[norm.weight]), try #require(b[norm.weight]))
  }
}
