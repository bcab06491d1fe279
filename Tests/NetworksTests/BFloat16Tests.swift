import CKernels
import ConvexKit
import Testing

@testable import Networks

/// Numbers of 16 bits: conversions, the operations that know them, and those that do not.
@Suite struct BFloat16Tests {
  /// The layouts of images that our kernels read.
  static let layouts: [@Sendable ([Int]) -> Layout] = [
    { .channelBlocks(8, shape: $0, of: .bfloat16) },
    { .channelBlocks(16, shape: $0, of: .bfloat16) },
    { .channelsLast($0, of: .bfloat16) },
    { Layout.plain($0).holding(.bfloat16) },
  ]

  /// The bfloat16 number nearest to x, by arithmetic on numbers rather than bits.
  static func nearest(_ x: Float) -> Float {
    guard x.isFinite, x != 0 else { return x }
    let exponent = max(x.exponent, Float.leastNormalMagnitude.exponent)
    let unit = Double(sign: .plus, exponent: Int(exponent) - 7, significand: 1)
    let rounded = (Double(x) / unit).rounded(.toNearestOrEven) * unit
    // Where the next number would be above the largest one there is, it is infinite.
    let largest = Double(sign: .plus, exponent: 127, significand: 2 - 1 / 128)
    return abs(rounded) > largest ? (x < 0 ? -.infinity : .infinity) : Float(rounded)
  }

  // MARK: Conversions

  @Test(arguments: [1, 15, 16, 17, 100_003])
  func `numbers are rounded to the nearest, ties to even`(count: Int) {
    var generator = SeededGenerator(seed: 1, name: "bfloat16")
    var values = (0..<count).map { _ in
      Float(bitPattern: UInt32.random(in: 0 ... .max, using: &generator))
    }
    let special: [Float] = [
      0, -0.0, 1, 1.00390625, 1.01171875, 1 + .ulpOfOne, .infinity, -.infinity,
      .greatestFiniteMagnitude,
      .leastNonzeroMagnitude, .leastNormalMagnitude, 3.3961775e38,
    ]
    for (k, value) in special.enumerated() where k < count { values[k] = value }
    let found = Tensor(values, shape: [count]).inBFloat16().elements
    for (x, y) in zip(values, found) {
      if x.isNaN {
        #expect(y.isNaN)
      } else {
        #expect(y.bitPattern == Self.nearest(x).bitPattern, "\(x)")
      }
    }
  }

  @Test func `NaN whose payload is in the lower half stays NaN`() {
    let found = Tensor(
      [Float(bitPattern: 0x7f80_0001), Float(bitPattern: 0xff80_7fff)], shape: [2])
    #expect(found.inBFloat16().elements.allSatisfy { $0.isNaN })
  }

  @Test(arguments: layouts)
  func `layouts and types change in one step or several, to the same numbers`(
    layout: @Sendable ([Int]) -> Layout
  ) {
    var generator = SeededGenerator(seed: 2, name: "bfloat16")
    let x = Tensor.normal([2, 32, 5, 3], using: &generator)
    let rounded = x.elements.map(Self.nearest)
    let narrow = x.inLayout(layout(x.shape))
    #expect(narrow.numberType == .bfloat16)
    #expect(narrow.layout === layout(x.shape) && !narrow.hasPadding)
    #expect(narrow.memory.byteCount == 2 * x.count)
    #expect(narrow.elements == rounded)
    for other in Self.layouts {
      let moved = narrow.inLayout(other(x.shape))
      #expect(moved.layout === other(x.shape))
      #expect(moved.elements == rounded)
      #expect(x.laidOut(like: moved).elements == rounded)
    }
    #expect(narrow.inFloat32().numberType == .float32)
    #expect(narrow.inFloat32().elements == rounded)
    #expect(narrow.inKernelLayout().elements == rounded)
  }

  // MARK: Operations that do not know them

  @Test func `every primitive takes them, as the numbers that they are`() throws {
    for (name, examples) in try PrimitiveExample.all() {
      for example in examples {
        func run(_ narrow: Bool) -> [[Float]] {
          let inputs = example.inputs.map { input in
            (narrow ? input.inBFloat16() : input.inBFloat16().inFloat32()).differentiable()
          }
          let y = example.compute(inputs)
          let gradients = y.pullBack()
          return [y.elements] + inputs.map { gradients[$0]?.elements ?? [] }
        }
        let (narrow, wide) = (run(true), run(false))
        // Kinks are where they were; these compute with what they get.
        if ["batch_norm", "batch_norm_relu", "max_pool2d"].contains(name) {
          for (a, b) in zip(narrow, wide) { #expect(a.count == b.count, "\(name)") }
        } else {
          #expect(narrow == wide, "\(name)")
        }
      }
    }
  }

  // MARK: Convolutions

  struct Case: Sendable {
    let input: [Int]
    let weight: [Int]
    var settings = Convolution()
    var hasBias = false
  }

  static let cases = [
    Case(input: [2, 32, 9, 7], weight: [48, 32, 1, 1]),
    Case(input: [2, 64, 12, 12], weight: [32, 64, 3, 3], settings: Convolution(padding: [1, 1])),
    Case(
      input: [1, 3, 20, 18], weight: [64, 3, 7, 7],
      settings: Convolution(stride: [2, 2], padding: [3, 3])),
    Case(
      input: [2, 32, 8, 8], weight: [64, 32, 3, 3],
      settings: Convolution(stride: [2, 2], padding: [1, 1]), hasBias: true),
    Case(
      input: [2, 4, 6, 5], weight: [6, 2, 3, 2],
      settings: Convolution(stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2),
      hasBias: true),
    Case(input: [3, 20, 4, 4], weight: [1, 20, 1, 1], hasBias: true),
  ]

  @Test(arguments: cases)
  func `a convolution and its pullback are those of the rounded numbers`(test: Case) throws {
    var generator = SeededGenerator(seed: 3, name: "bfloat16")
    let x = Tensor.normal(test.input, using: &generator).differentiable()
    let w = Tensor.uniform(test.weight, bound: 0.3, using: &generator).differentiable()
    let b = test.hasBias ? Tensor.normal([test.weight[0]], using: &generator).differentiable() : nil
    let y = withPrecision(.bfloat16) { x.conv2D(w, bias: b, settings: test.settings) }
    #expect(y.numberType == .bfloat16)
    let dy = Tensor.normal(y.shape, using: &generator)
    let gradients = y.pullBack(dy)

    // In double precision, from the same rounded numbers.
    let exact = WideConvolution(
      x.elements.map(Self.nearest), x.shape, w.elements.map(Self.nearest), w.shape,
      b?.elements ?? [], test.settings)
    let rounded = dy.elements.map(Self.nearest)
    let (dx, dw, db) = exact.pullBack(rounded)
    func check(_ found: [Float], _ expected: [Double], _ tolerance: Double, _ what: String) {
      let size = (expected.reduce(0) { $0 + $1 * $1 } / Double(expected.count)).squareRoot()
      for (a, b) in zip(found, expected) {
        #expect(abs(Double(a) - b) <= tolerance * (abs(b) + 0.01 * size), "\(what)")
      }
    }
    // Half a unit of the last of 8 places, and sums in Float32.
    check(y.elements, exact.output, 0.0041, "y")
    check(try #require(gradients[x]).elements, dx, 0.0041, "dx")
    check(try #require(gradients[w]).elements, dw, 1e-4, "dW")
    #expect(gradients[w]?.numberType == .float32)
    if let b { check(try #require(gradients[b]).elements, db, 1e-4, "db") }
  }

  @Test func `settings of a layer go before what a scope says`() {
    var generator = SeededGenerator(seed: 4, name: "bfloat16")
    let x = Tensor.normal([1, 16, 4, 4], using: &generator)
    let w = Tensor.normal([16, 16, 1, 1], using: &generator)
    withPrecision(.bfloat16) {
      #expect(x.conv2D(w).numberType == .bfloat16)
      #expect(x.conv2D(w, settings: Convolution(precision: .float32)).numberType == .float32)
      withPrecision(.float32) { #expect(x.conv2D(w).numberType == .float32) }
    }
    #expect(x.conv2D(w, settings: Convolution(precision: .bfloat16)).numberType == .bfloat16)
    #expect(x.conv2D(w).numberType == .float32)
  }

  // MARK: Batch norms and max pools

  @Test(arguments: layouts, [false, true])
  func `a batch norm is that of the numbers in Float32, rounded`(
    layout: @Sendable ([Int]) -> Layout, isFixed: Bool
  ) throws {
    // Several runs, the last of them short.
    for shape in [[2, 32, 37, 29], [3, 48, 3, 2]] {
      var generator = SeededGenerator(seed: 5, name: "bfloat16")
      func normal(_ shape: [Int]) -> Tensor { .normal(shape, using: &generator) }
      let channels = shape[1]
      let (x, r, first, second) = (normal(shape), normal(shape), normal(shape), normal(shape))
      let (γ, β) = (normal([channels]), normal([channels]))
      let settings = BatchNormalization(
        statistics: isFixed
          ? .fixed(
            mean: normal([channels]),
            variance: normal([channels]).elements.map { $0 * $0 + 0.5 }
              .tensor([channels])) : .batch(observe: { _ in }), epsilon: 1e-5)
      func run(_ place: (Tensor) -> Tensor, residual: Bool) throws -> [(
        name: String, values: [Float]
      )] {
        let (x, r) = (place(x).differentiable(), place(r).differentiable())
        let (γ, β) = (γ.differentiable(), β.differentiable())
        let y = Primitives.batchNormReLU([x, γ, β] + (residual ? [r] : []), settings)
        let application = try #require(y.application)
        let dy = Cotangent(place(first))
        if !residual { dy.add(place(second)) }
        let names = ["dx", "dγ", "dβ", "dr"]
        let found = application.pullback(dy).map { $0?.elements ?? [] }
        return [("y", y.elements)] + zip(names, found).map { ($0, $1) }
      }
      for residual in [false, true] {
        let narrow = try run({ $0.inLayout(layout(shape)) }, residual: residual)
        let wide = try run({ $0.inBFloat16().inFloat32() }, residual: residual)
        for (a, b) in zip(narrow, wide) {
          #expect(a.values.count == b.values.count)
          let size = b.values.map(abs).max() ?? 0
          // dγ and dβ are sums of the same numbers, unless dy was a sum that had to be stored.
          let isSum = a.name == "dγ" || a.name == "dβ"
          let tolerance: Float = isSum ? 2e-5 : 0.009
          let floor: Float = isSum ? size : 0.1 * size
          for (p, q) in zip(a.values, b.values) {
            #expect(abs(p - q) <= tolerance * (abs(q) + floor), "\(a.name) of \(shape)")
          }
        }
      }
    }
  }

  @Test(arguments: layouts)
  func `a max pool picks the same numbers, and adds up in Float32`(
    layout: @Sendable ([Int]) -> Layout
  ) throws {
    for pooling in [
      Pooling(kernel: [2, 2]), Pooling(kernel: [3, 3], stride: [2, 2], padding: [1, 1]),
    ] {
      var generator = SeededGenerator(seed: 6, name: "bfloat16")
      var values = Tensor.normal([2, 32, 14, 12], using: &generator).elements
      values[5] = .nan
      let x = Tensor(values, shape: [2, 32, 14, 12])
      func run(_ place: (Tensor) -> Tensor) throws -> (y: [Float], dx: [Float]) {
        let x = place(x).differentiable()
        let y = x.maxPool2D(pooling)
        var generator = SeededGenerator(seed: 7, name: "bfloat16")
        let dy = Tensor.normal(y.shape, using: &generator).inBFloat16().inFloat32()
        return (y.elements, try #require(y.pullBack(dy)[x]).elements)
      }
      let narrow = try run { $0.inLayout(layout($0.shape)) }
      let wide = try run { $0.inBFloat16().inFloat32() }
      #expect(zip(narrow.y, wide.y).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
      let isPlain = layout(x.shape).kind == .plain
      #expect(narrow.dx == (isPlain ? wide.dx : wide.dx.map(Self.nearest)))
    }
  }

  @Test(arguments: layouts)
  func `what a gate does is done with the numbers in Float32, rounded`(
    layout: @Sendable ([Int]) -> Layout
  ) throws {
    let shape = [2, 48, 7, 5]
    var generator = SeededGenerator(seed: 12, name: "bfloat16")
    var values = Tensor.normal(shape, using: &generator).elements
    // A cell whose squares leave Float32's range, and one that is zero: `[0, :, 0, 0]`, `[0, :, 0, 1]`.
    for c in 0..<48 { (values[35 * c], values[35 * c + 1]) = (1e-25 * values[35 * c], 0) }
    let x = Tensor(values, shape: shape)
    let weights = Tensor.normal([2, 1, 7, 5], using: &generator)
    let dy = Tensor.normal(shape, using: &generator)
    func run(_ place: (Tensor) -> Tensor, _ compute: (Tensor, Tensor) -> Tensor) throws -> [[Float]]
    {
      let (x, weights) = (place(x).differentiable(), weights.differentiable())
      let y = compute(x, weights)
      let gradients = y.pullBack(place(dy))
      return [y.elements, try #require(gradients[x]).elements, gradients[weights]?.elements ?? []]
    }
    let computations: [(Tensor, Tensor) -> Tensor] = [
      { x, _ in x.relu() }, { x, _ in x.l2Normalized() }, { $0 * $1 }, { $1 * $0 },
      { x, _ in x.l2Normalized(epsilon: 1e-3) },
    ]
    for (index, compute) in computations.enumerated() {
      let narrow = try run({ $0.inLayout(layout(shape)) }, compute)
      let wide = try run({ $0.inBFloat16().inFloat32() }, compute)
      for (part, (a, b)) in zip(narrow, wide).enumerated() {
        #expect(a.count == b.count)
        // A gradient in x may be huge in one cell only: each is compared with the largest of its cell.
        func size(_ k: Int) -> Float {
          guard a.count == 2 * 48 * 35 else { return abs(b[k]) + 1 }
          let cell = k / (48 * 35) * 48 * 35 + k % 35
          return (0..<48).map { abs(b[cell + 35 * $0]) }.max() ?? 0
        }
        for k in a.indices where a[k] != b[k] {
          #expect(abs(a[k] - b[k]) <= 0.008 * size(k), "computation \(index), part \(part), \(k)")
        }
      }
    }
  }

  @Test func `a ReLU of bfloat16 numbers keeps NaN and signs`() {
    let x = Tensor([.nan, -.nan, -1, 2, 0, -0.0, .infinity, -.infinity], shape: [8]).inBFloat16()
    let y = x.relu()
    #expect(y.numberType == .bfloat16)
    let values = y.elements
    #expect(values[0].isNaN && values[1].isNaN)
    #expect(Array(values[2...]) == [0, 2, 0, 0, .infinity, 0])
  }

  @Test func `results do not depend on the number of threads`() {
    var generator = SeededGenerator(seed: 8, name: "bfloat16")
    let shape = [2, 32, 40, 40]
    let (x, dy) = (Tensor.normal(shape, using: &generator), Tensor.normal(shape, using: &generator))
    let ones = Tensor(repeating: 1, shape: [32])
    let settings = BatchNormalization(statistics: .batch(observe: { _ in }), epsilon: 1e-5)
    for layout in Self.layouts {
      func run() -> [[Float]] {
        let x = x.inLayout(layout(shape)).differentiable()
        let y = Primitives.batchNormReLU([x, ones, ones], settings)
          .maxPool2D(Pooling(kernel: [2, 2]))
        let dy = dy.maxPool2D(Pooling(kernel: [2, 2]))
        return [y.elements, y.pullBack(dy)[x]?.elements ?? []]
      }
      let (several, one) = (run(), withOneThread { run() })
      #expect(several == one)
    }
  }

  // MARK: Networks

  @Test func `a gated network's loss and gradients are near those in Float32`() throws {
    var generator = SeededGenerator(seed: 9, name: "bfloat16")
    let images = Tensor.normal([4, 4, 64, 64], using: &generator)
    func run(_ precision: Precision) throws -> (loss: Float, gradients: [String: [Float]]) {
      var generator = SeededGenerator(seed: 10, name: "bfloat16 network")
      let model = UNetEncoder(.init(features: 16, size: [64, 64]), using: &generator)
      let output = withPrecision(precision) { model(images) }
      let loss = output.logits.crossEntropy([0, 1, 1, 0])
      loss.backward()
      var gradients: [String: [Float]] = [:]
      for (name, parameter) in model.namedParameters() {
        #expect(parameter.gradient?.numberType ?? .float32 == .float32)
        gradients[name] = parameter.gradient?.elements
      }
      return (loss.item, gradients)
    }
    let (narrow, wide) = (try run(.bfloat16), try run(.float32))
    #expect(narrow.loss != wide.loss)
    #expect(abs(narrow.loss - wide.loss) < 0.02 * wide.loss)
    #expect(Set(narrow.gradients.keys) == Set(wide.gradients.keys))
    // The direction of the whole gradient. Its cosine is 0.93 here, and 0.93 to 0.94 by PyTorch's
    // autocast in this network with random weights.
    var (product, own, other) = (0.0, 0.0, 0.0)
    for (name, values) in wide.gradients {
      for (a, b) in zip(try #require(narrow.gradients[name]), values) {
        product += Double(a) * Double(b)
        own += Double(a) * Double(a)
        other += Double(b) * Double(b)
      }
    }
    #expect(product / (own * other).squareRoot() > 0.9)
  }

  @Test func `values between layers take half the memory`() async {
    // In a process of its own: the pool is shared with the tests that run at the same time.
    await #expect(processExitsWith: .success) {
      var generator = SeededGenerator(seed: 11, name: "bfloat16")
      let model = UNetEncoder(.init(features: 32, size: [64, 64]), using: &generator)
      let images = Tensor.normal([2, 4, 64, 64], using: &generator)
      func held(_ precision: Precision) -> Int {
        _ = withPrecision(precision) { model(images).logits }  // Weights find their layouts.
        let before = MemoryPool.shared.statistics.bytesInUse
        let logits = withPrecision(precision) { model(images).logits }
        return withExtendedLifetime(logits) {
          MemoryPool.shared.statistics.bytesInUse - before
        }
      }
      let (wide, narrow) = (held(.float32), held(.bfloat16))
      if Double(narrow) > 0.7 * Double(wide) {
        fatalError("\(narrow) bytes of \(wide)")
      }
    }
  }
}

/// A convolution by its definition, in double precision.
private struct WideConvolution {
  let output: [Double]
  private let x, w: [Double]
  private let input, weight, shape: [Int]
  private let settings: Convolution

  init(
    _ x: [Float], _ input: [Int], _ w: [Float], _ weight: [Int], _ b: [Float],
    _ settings: Convolution
  ) {
    (self.x, self.w) = (x.map(Double.init), w.map(Double.init))
    (self.input, self.weight, self.settings) = (input, weight, settings)
    let extents = (0..<2).map { axis in
      let reach = settings.dilation[axis] * (weight[axis + 2] - 1) + 1
      return (input[axis + 2] + 2 * settings.padding[axis] - reach) / settings.stride[axis] + 1
    }
    let shape = [input[0], weight[0]] + extents
    self.shape = shape
    var y = (0..<shape.reduce(1, *)).map { index in
      b.isEmpty ? 0 : Double(b[index / (shape[2] * shape[3]) % shape[1]])
    }
    let (values, factors) = (self.x, self.w)
    Self.visit(input, weight, shape, settings) { i, k, o in y[o] += values[i] * factors[k] }
    output = y
  }

  func pullBack(_ dy: [Float]) -> (dx: [Double], dw: [Double], db: [Double]) {
    var dx = Array(repeating: 0.0, count: x.count)
    var dw = Array(repeating: 0.0, count: w.count)
    var db = Array(repeating: 0.0, count: weight[0])
    Self.visit(input, weight, shape, settings) { i, k, o in
      dx[i] += w[k] * Double(dy[o])
      dw[k] += x[i] * Double(dy[o])
    }
    for (index, value) in dy.enumerated() {
      db[index / (shape[2] * shape[3]) % shape[1]] += Double(value)
    }
    return (dx, dw, db)
  }

  /// Calls `body` with the places in x, W and y of every product.
  private static func visit(
    _ input: [Int], _ weight: [Int], _ shape: [Int], _ settings: Convolution,
    _ body: (Int, Int, Int) -> Void
  ) {
    let perGroup = weight[0] / settings.groups
    for n in 0..<shape[0] {
      for o in 0..<shape[1] {
        for p in 0..<shape[2] * shape[3] {
          for k in 0..<weight[1] * weight[2] * weight[3] {
            let (c, r, s) = (
              k / (weight[2] * weight[3]), k / weight[3] % weight[2], k % weight[3]
            )
            let i =
              p / shape[3] * settings.stride[0] - settings.padding[0] + r * settings.dilation[0]
            let j =
              p % shape[3] * settings.stride[1] - settings.padding[1] + s * settings.dilation[1]
            guard (0..<input[2]).contains(i), (0..<input[3]).contains(j) else { continue }
            let channel = o / perGroup * weight[1] + c
            body(
              ((n * input[1] + channel) * input[2] + i) * input[3] + j,
              o * weight[1] * weight[2] * weight[3] + k,
              (n * shape[1] + o) * shape[2] * shape[3] + p)
          }
        }
      }
    }
  }
}
