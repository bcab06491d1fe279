import Networks

/// A network as explainers see it: how it computes scores from images, and the names of its layers.
///
/// ```
/// let network = ExplainedNetwork(unet)                            // evaluation mode
/// let map = try GradCAM(network, layer: "encoder4").explain(images, target: .predicted)
/// ```
///
/// The network is only ever called. Its parameters are constants while it is recorded.
public struct ExplainedNetwork: Sendable {
  /// What a network computes from a batch of images.
  public struct Output: Sendable {
    /// The scores before softmax, `[N, classes]`.
    public var scores: Tensor
    /// Tensors on the way that layers of explainers can be named by, besides the paths of modules.
    public var tensors: [String: Tensor]
    /// The early map τᵏ, if the network has one.
    public var fine: AttentionMap?
    /// The late map τˡ, if the network has one.
    public var coarse: AttentionMap?
    /// The attention of a transformer's blocks, `[N, heads, tokens, tokens]`, the class token first.
    public var attention: [Tensor]

    /// The given values.
    ///
    /// - Parameters:
    ///   - scores: The scores before softmax, `[N, classes]`.
    ///   - tensors: Tensors on the way with names.
    ///   - fine: The early map.
    ///   - coarse: The late map.
    ///   - attention: The attention of a transformer's blocks.
    public init(
      scores: Tensor, tensors: [String: Tensor] = [:], fine: AttentionMap? = nil,
      coarse: AttentionMap? = nil, attention: [Tensor] = []
    ) {
      (self.scores, self.tensors, self.fine, self.coarse) = (scores, tensors, fine, coarse)
      self.attention = attention
    }

    /// What a classifier computed: its stages are named tensors, and its features are.
    public init(_ output: GatedOutput) {
      self.init(
        scores: output.logits,
        tensors: output.stages.merging(["features": output.features]) { stage, _ in stage },
        fine: output.fine, coarse: output.coarse, attention: output.attention)
    }
  }

  /// The extents of one image, `[C, H, W]`.
  public let imageShape: [Int]
  /// The network.
  public let module: any Module
  private let compute: @Sendable (Tensor) -> Output
  private let paths: ParameterPaths
  private let modes: [(name: String, mode: Mode)]

  /// A network and how it computes scores.
  ///
  /// - Parameters:
  ///   - module: The network, whose properties name its layers.
  ///   - imageShape: The extents of one image, `[C, H, W]`.
  ///   - compute: Scores, and what else has a name, from images `[N, C, H, W]`.
  public init(
    _ module: some Module, imageShape: [Int], compute: @escaping @Sendable (Tensor) -> Output
  ) {
    precondition(imageShape.count == 3, "ExplainedNetwork: \(imageShape) is not [C, H, W]")
    self.module = module
    self.imageShape = imageShape
    self.compute = compute
    paths = ParameterPaths(module)
    modes = module.namedModes()
  }

  /// A classifier with attention gates, or built like one.
  ///
  /// - Parameters:
  ///   - model: The network.
  ///   - imageShape: The extents of one image, `[C, H, W]`.
  public init(_ model: some GatedClassifier, imageShape: [Int]) {
    self.init(model, imageShape: imageShape) { Output(model($0)) }
  }

  /// A U-Net encoder.
  public init(_ model: UNetEncoder) {
    self.init(model, imageShape: [model.settings.channels] + model.settings.size)
  }

  /// A residual network.
  public init(_ model: ResNet) {
    self.init(model, imageShape: [model.settings.channels] + model.settings.size)
  }

  /// A vision transformer, for images of the size that its positions were learned for.
  public init(_ model: VisionTransformer) {
    self.init(model, imageShape: [model.settings.channels] + model.settings.size) {
      Output(model($0, keepingAttention: true))
    }
  }

  /// The output for a batch of images, without a tape.
  ///
  /// - Throws: ``ExplanationError/shapeMismatch(operand:expected:actual:)``.
  public func output(_ images: Tensor) throws(ExplanationError) -> Output {
    try check(images)
    return withoutRecording { compute(images) }
  }

  /// A pass over images with its tape, which begins at the images or at variable parameters.
  ///
  /// The tape keeps every value, for rules that look at them.
  func record(
    _ images: Tensor, variables: [Parameter] = []
  ) throws(ExplanationError) -> RecordedPass {
    try withAllValuesKept { () throws(ExplanationError) in
      try recordForGradients(images, variables: variables)
    }
  }

  /// The same with a tape that keeps what gradients need.
  func recordForGradients(
    _ images: Tensor, variables: [Parameter] = []
  ) throws(ExplanationError) -> RecordedPass {
    try check(images)
    let input = variables.isEmpty ? images.detached().differentiable() : images.detached()
    let output = withConstantParameters(except: variables) { compute(input) }
    let pass = RecordedPass(input: input, output: output, paths: paths)
    try pass.checkEvaluation()
    return pass
  }

  /// A pass over one blank image, for an explainer to look at its primitives.
  func recordBlank() throws(ExplanationError) -> RecordedPass {
    try record(Tensor(repeating: 0, shape: [1] + imageShape))
  }

  private func check(_ images: Tensor) throws(ExplanationError) {
    if let mode = modes.first(where: { $0.mode.isTraining }) { throw .inTraining(layer: mode.name) }
    guard images.rank == 4, images.shape.dropFirst().elementsEqual(imageShape) else {
      throw .shapeMismatch(
        operand: "images", expected: [images.shape.first ?? 1] + imageShape, actual: images.shape)
    }
  }
}
