import COneDNN

/// The settings of a two-dimensional convolution.
public struct Convolution: Hashable, Sendable {
  /// Rows and columns from one window to the next.
  public var stride: [Int]
  /// Rows and columns of zeros on each side.
  public var padding: [Int]
  /// Rows and columns from one tap to the next; 1 is dense.
  public var dilation: [Int]
  /// Channels are split into this many groups, convolved separately.
  public var groups: Int
  /// The numbers that are multiplied; nil leaves it to ``withPrecision(_:_:)``.
  public var precision: Precision?

  /// Settings with a value per axis, `[rows, columns]`.
  public init(
    stride: [Int] = [1, 1], padding: [Int] = [0, 0], dilation: [Int] = [1, 1], groups: Int = 1,
    precision: Precision? = nil
  ) {
    for values in [stride, padding, dilation] {
      precondition(values.count == 2, "convolution: \(values) is not [rows, columns]")
    }
    (self.stride, self.padding, self.dilation, self.groups) = (stride, padding, dilation, groups)
    self.precision = precision
  }

  /// These settings in a given precision.
  func computed(in precision: Precision) -> Convolution {
    var settings = self
    settings.precision = precision
    return settings
  }
}

/// A convolution of given shapes on oneDNN.
struct ConvolutionShape {
  let input: [Int]
  let weight: [Int]
  let output: [Int]
  let hasBias: Bool
  let settings: Convolution
  /// What oneDNN multiplies.
  private let numberType: NumberType

  init(input: [Int], weight: [Int], hasBias: Bool, settings: Convolution) {
    let groups = settings.groups
    precondition(
      input.count == 4 && weight.count == 4 && input[1] == weight[1] * groups
        && weight[0] % groups == 0,
      "conv2d: an input of shape \(input) and weights of shape \(weight) in \(groups) group(s)")
    let extents = (0..<2).map { axis in
      let reach = settings.dilation[axis] * (weight[axis + 2] - 1) + 1
      let room = input[axis + 2] + 2 * settings.padding[axis] - reach
      precondition(
        room >= 0, "conv2d: a window of \(reach) does not fit into an input of shape \(input)")
      return room / settings.stride[axis] + 1
    }
    self.input = input
    self.weight = weight
    self.hasBias = hasBias
    self.settings = settings
    numberType =
      settings.precision == .bfloat16 && Engine.shared.multipliesBFloat16 ? .bfloat16 : .float32
    output = [input[0], weight[0]] + extents
  }

  /// The weights' extents as oneDNN wants them: with an axis of groups, where there are several.
  var weightExtents: [Int] {
    let groups = settings.groups
    return groups == 1 ? weight : [groups, weight[0] / groups] + weight.dropFirst()
  }

  /// The additions and multiplications of one run, of either pullback too.
  var operations: Double {
    2 * Double(output.reduce(1, *)) * Double(weight.dropFirst().reduce(1, *))
  }

  private func key(_ kind: OperationKey.Kind) -> OperationKey {
    let numbers = settings.stride + settings.padding + settings.dilation
    return OperationKey(
      kind,
      input + weight + numbers + [
        settings.groups, hasBias ? 1 : 0, numberType == .bfloat16 ? 1 : 0,
      ])
  }

  // oneDNN counts dilation from 0.
  private var strides: [Int64] { settings.stride.map(Int64.init) }
  private var dilates: [Int64] { settings.dilation.map { Int64($0 - 1) } }
  private var padding: [Int64] { settings.padding.map(Int64.init) }

  // MARK: Operations

  /// y = W ∗ x + b, every layout of oneDNN's choosing.
  private func forward() throws(NetworkError) -> Operation {
    try OperationCache.operation(key(.convolution)) { () throws(NetworkError) in
      var description = dnnl_convolution_desc_t()
      var (x, w) = (
        dnnl_memory_desc_t.any(shape: input, of: numberType),
        dnnl_memory_desc_t.any(shape: weightExtents, of: numberType)
      )
      var (b, y) = (biasDescriptor, dnnl_memory_desc_t.any(shape: output, of: numberType))
      try check(
        dnnl_dilated_convolution_forward_desc_init(
          &description, dnnl_forward_training, dnnl_convolution_direct, &x, &w, &b, &y, strides,
          dilates, padding, padding), "\(self)")
      return try Operation("\(self)", description)
    }
  }

  private func backwardData() throws(NetworkError) -> Operation {
    try OperationCache.operation(key(.convolutionBackwardData)) { () throws(NetworkError) in
      let hint = try forward()
      return try Operation.firstOptimized(layouts(after: hint)) { layouts throws(NetworkError) in
        var description = dnnl_convolution_desc_t()
        var (x, y) = (layouts.x, layouts.y)
        var w = dnnl_memory_desc_t.any(shape: weightExtents, of: numberType)
        try check(
          dnnl_dilated_convolution_backward_data_desc_init(
            &description, dnnl_convolution_direct, &x, &w, &y, strides, dilates, padding,
            padding), "\(self) backward")
        return try Operation("\(self) backward", description, hint: hint)
      }
    }
  }

  func backwardWeights() throws(NetworkError) -> Operation {
    try OperationCache.operation(key(.convolutionBackwardWeights)) { () throws(NetworkError) in
      let hint = try forward()
      return try Operation.firstOptimized(layouts(after: hint)) { layouts throws(NetworkError) in
        var description = dnnl_convolution_desc_t()
        var (x, w, b, y) = (layouts.x, layouts.w, biasDescriptor, layouts.y)
        try check(
          dnnl_dilated_convolution_backward_weights_desc_init(
            &description, dnnl_convolution_direct, &x, &w, &b, &y, strides, dilates, padding,
            padding), "\(self) backward in the weights")
        return try Operation("\(self) backward in the weights", description, hint: hint)
      }
    }
  }

  private typealias Layouts = (x: dnnl_memory_desc_t, w: dnnl_memory_desc_t, y: dnnl_memory_desc_t)

  /// Layouts to try for a backward operation, the best first.
  ///
  /// Those of the forward operation need no reordering: not of activations, and not of gradients
  /// in the optimizer's step. oneDNN has no fast backward operation for some of them, and none for
  /// some that it would choose itself (a first layer's few channels).
  private func layouts(after forward: Operation) -> [Layouts] {
    let (x, w, y) = (
      forward.layout(dnnl_query_src_md).descriptor.pointee,
      forward.layout(dnnl_query_weights_md).descriptor.pointee,
      forward.layout(dnnl_query_dst_md).descriptor.pointee
    )
    let anyX = dnnl_memory_desc_t.any(shape: input, of: numberType)
    let anyW = dnnl_memory_desc_t.any(shape: weightExtents)
    let anyY = dnnl_memory_desc_t.any(shape: output, of: numberType)
    // The gradient of weights is Float32 always.
    if numberType != .float32 { return [(x, anyW, y), (anyX, anyW, anyY)] }
    return [(x, w, y), (x, anyW, y), (anyX, w, anyY), (anyX, anyW, anyY)]
  }

  private var biasDescriptor: dnnl_memory_desc_t {
    hasBias ? .strided(shape: [weight[0]], strides: [1]) : dnnl_memory_desc_t()
  }

  // MARK: Runs

  /// The same convolution of bfloat16 numbers as one of the Float32 numbers that they are; nil where
  /// oneDNN does it by itself, or where nothing is rounded.
  private var widened: ConvolutionShape? {
    guard settings.precision == .bfloat16, numberType == .float32 else { return nil }
    return ConvolutionShape(
      input: input, weight: weight, hasBias: hasBias, settings: settings.computed(in: .float32))
  }

  /// This convolution by minimal filtering, where that is faster.
  private func winograd() throws(NetworkError) -> Winograd? {
    guard numberType == .float32 else { return nil }
    let operation = try forward()
    return Winograd(
      self,
      (
        operation.layout(dnnl_query_src_md), operation.layout(dnnl_query_weights_md),
        operation.layout(dnnl_query_dst_md)
      ))
  }

  /// y = W ∗ x + b
  func run(_ x: Tensor, _ w: Tensor, _ b: Tensor?) -> Tensor {
    if let widened {
      let w = widened.lyingWeights(w)
      return widened.run(x.rounded(), w.rounded(), b).inBFloat16()
    }
    return expecting { () throws(NetworkError) in
      let operation = try forward()
      let (xLayout, wLayout) = (
        operation.layout(dnnl_query_src_md), operation.layout(dnnl_query_weights_md)
      )
      let yLayout = operation.layout(dnnl_query_dst_md)
      let weights = numberType == .float32 ? lyingWeights(w) : w.inLayout(wLayout)
      if let winograd = try winograd() { return winograd.run(x, weights) }
      let result = Memory(byteCount: yLayout.byteCount)
      var arguments: [Operation.Argument] = [
        .init(DNNL_ARG_SRC, x.inLayout(xLayout).memory, xLayout),
        .init(DNNL_ARG_WEIGHTS, weights.memory, wLayout), .init(DNNL_ARG_DST, result, yLayout),
      ]
      if let b = b?.inPlainLayout() {
        arguments.append(.init(DNNL_ARG_BIAS, b.memory, .plain(b.shape)))
      }
      try operation.run(arguments)
      return Tensor(shape: output, memory: result, layout: yLayout)
    }
  }

  /// Weights as the forward operation reads them; a parameter keeps them so.
  private func lyingWeights(_ w: Tensor) -> Tensor {
    expecting { () throws(NetworkError) in
      let lying = w.inLayout(try forward().layout(dnnl_query_weights_md))
      if lying.memory !== w.memory { w.origin.parameter?.adopt(lying, from: w) }
      return lying
    }
  }

  /// dx = Wᵀ ∗ dy
  func pullBackInput(_ w: Tensor, _ dy: Tensor) -> Tensor {
    if let widened { return widened.pullBackInput(w.rounded(), dy.rounded()).inBFloat16() }
    return expecting { () throws(NetworkError) in
      if let winograd = try winograd() { return winograd.pullBackInput(w, dy) }
      if numberType == .float32, let cells = SubPixelConvolution(self) {
        return try cells.run(w, dy)
      }
      let operation = try backwardData()
      let (wLayout, dyLayout) = (
        operation.layout(dnnl_query_weights_md), operation.layout(dnnl_query_diff_dst_md)
      )
      let dxLayout = operation.layout(dnnl_query_diff_src_md)
      let result = Memory(byteCount: dxLayout.byteCount)
      try operation.run([
        .init(DNNL_ARG_WEIGHTS, w.inLayout(wLayout).memory, wLayout),
        .init(DNNL_ARG_DIFF_DST, dy.inLayout(dyLayout).memory, dyLayout),
        .init(DNNL_ARG_DIFF_SRC, result, dxLayout),
      ])
      return Tensor(shape: input, memory: result, layout: dxLayout)
    }
  }

  /// dW = dy ⋆ x and, where there is a bias, db = Σ dy, as Float32.
  ///
  /// - Parameters:
  ///   - x: The convolution's input.
  ///   - dy: The cotangent of its output.
  ///   - w: Its weights, if they are a parameter's: one that is rounded anew in every step keeps its own
  ///     numbers as the gradients lie.
  /// - Returns: The cotangents.
  func pullBackWeights(
    _ x: Tensor, _ dy: Tensor, of w: Tensor?
  ) -> (weight: Tensor, bias: Tensor?) {
    if let widened { return widened.pullBackWeights(x.rounded(), dy.rounded(), of: w) }
    return expecting { () throws(NetworkError) in
      if let winograd = try winograd() { return (winograd.pullBackWeights(x, dy), nil) }
      let operation = try backwardWeights()
      let (xLayout, dyLayout) = (
        operation.layout(dnnl_query_src_md), operation.layout(dnnl_query_diff_dst_md)
      )
      let dwLayout = operation.layout(dnnl_query_diff_weights_md)
      if numberType != .float32, let w, let parameter = w.origin.parameter {
        let lying = w.inLayout(dwLayout)
        if lying.memory !== w.memory { parameter.adopt(lying, from: w) }
      }
      let dw = Memory(byteCount: dwLayout.byteCount)
      var arguments: [Operation.Argument] = [
        .init(DNNL_ARG_SRC, x.inLayout(xLayout).memory, xLayout),
        .init(DNNL_ARG_DIFF_DST, dy.inLayout(dyLayout).memory, dyLayout),
        .init(DNNL_ARG_DIFF_WEIGHTS, dw, dwLayout),
      ]
      var db: Tensor?
      if hasBias {
        let memory = Memory(count: weight[0])
        arguments.append(.init(DNNL_ARG_DIFF_BIAS, memory, .plain([weight[0]])))
        db = Tensor(shape: [weight[0]], memory: memory)
      }
      try operation.run(arguments)
      return (Tensor(shape: weight, memory: dw, layout: dwLayout), db)
    }
  }
}

extension Tensor {
  /// The nearest bfloat16 numbers, as Float32.
  fileprivate func rounded() -> Tensor { inBFloat16().inFloat32() }
}

extension ConvolutionShape: CustomStringConvertible {
  var description: String { "conv2d of \(input) with \(weight) \(settings)" }
}
