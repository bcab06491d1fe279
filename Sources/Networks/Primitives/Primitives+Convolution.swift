extension Primitives {
  /// y = W ∗ x + b (a correlation, as networks call it);  dx = Wᵀ ∗ dy, dW = x ⋆ dy, db = Σ dy
  ///
  /// - Shapes: x `[N, C, H, W]`, W `[O, C/groups, kh, kw]`, b `[O]` or none → `[N, O, H′, W′]`
  public static let conv2D = Primitive<Convolution>(
    name: "conv2d", takingBFloat16: true, keeping: KeptValues.factors,
    forward: { inputs, settings in
      let shape = ConvolutionShape(inputs.map(\.shape), settings)
      ProfileRecorder.count(shape.operations, of: "conv2d")
      return .init(shape.run(inputs[0], inputs[1], inputs.count > 2 ? inputs[2] : nil))
    },
    pullbackOfTerms: { application, settings, cotangent in
      let dy = cotangent.sum
      let operands = application.operands
      let shape = ConvolutionShape(operands.map(\.shape), settings)
      let needs = (
        input: application.needs(0), weights: operands.dropFirst().contains(where: \.needsGradient)
      )
      ProfileRecorder.count(
        shape.operations * ((needs.input ? 1 : 0) + (needs.weights ? 1 : 0)), of: "conv2d")
      let dx = needs.input ? shape.pullBackInput(application.input(1), dy) : nil
      guard needs.weights else {
        return [dx] + operands.dropFirst().map { _ in nil }
      }
      let (dw, db) = shape.pullBackWeights(
        application.input(0), dy, of: operands[1].parameter.map { _ in application.input(1) })
      return operands.count > 2 ? [dx, dw, db] : [dx, dw]
    })
}

extension ConvolutionShape {
  /// The convolution of operands of the given shapes.
  fileprivate init(_ shapes: [[Int]], _ settings: Convolution) {
    let (x, w) = (shapes[0], shapes[1])
    if shapes.count > 2 {
      precondition(
        shapes[2] == [w.first ?? 0],
        "conv2d: a bias of shape \(shapes[2]) for weights of shape \(w)")
    }
    self.init(input: x, weight: w, hasBias: shapes.count > 2, settings: settings)
  }
}

extension Tensor {
  /// The two-dimensional convolution of this batch of images.
  ///
  /// - Parameters:
  ///   - weight: `[O, C/groups, kh, kw]`
  ///   - bias: `[O]`
  ///   - settings: Stride, padding, dilation and groups.
  /// - Returns: `[N, O, H′, W′]`
  public func conv2D(
    _ weight: Tensor, bias: Tensor? = nil, settings: Convolution = Convolution()
  ) -> Tensor {
    let settings = settings.computed(in: settings.precision ?? .current)
    return Primitives.conv2D([self, weight] + (bias.map { [$0] } ?? []), settings)
  }
}
