import Networks

/// The gradient of scores with respect to images.
struct ScoreGradient {
  /// ∂f/∂x, like the images.
  let gradient: Tensor
  let classes: [Int]
  let scores: [Float]
}

extension ExplainedNetwork {
  /// The gradient of each image's score with respect to the image.
  func gradient(_ images: Tensor, target: Target) throws(ExplanationError) -> ScoreGradient {
    let pass = try recordForGradients(images)
    let (classes, scores) = try pass.scores(target)
    let gradients = pass.output.scores.pullBack(pass.seed(classes), releasing: true)
    let gradient = gradients[pass.input] ?? Tensor(repeating: 0, shape: images.shape)
    return ScoreGradient(gradient: gradient, classes: classes, scores: scores)
  }

  /// The classes that are explained; the network is asked only if it is to choose them.
  func classes(_ images: Tensor, _ target: Target) throws(ExplanationError) -> [Int] {
    guard case .classes(let classes) = target else {
      return try output(images).scores.scores(target).classes
    }
    guard classes.count == images.shape[0] else {
      throw .targetCount(expected: images.shape[0], actual: classes.count)
    }
    return classes
  }
}

/// The sums Σ_i w_i g(x_i) and Σ_i w_i f(x_i) of gradients and scores at several images for each
/// sample, a few images at a time.
struct GradientSum {
  /// How many images go through the network at once: enough to keep two cores busy, few enough for
  /// the tape of a ResNet-50 to fit.
  static let imagesAtOnce = 8

  private let network: ExplainedNetwork
  private let classes: [Int]
  private var waiting: [(image: Tensor, weight: Float)] = []
  private var sum: Tensor
  private var scores: [Float]
  private let multipliesByImages: Bool

  /// - Parameters:
  ///   - network: Whose scores.
  ///   - shape: The shape of a batch of images.
  ///   - classes: The class of each sample.
  ///   - multipliesByImages: Whether each gradient is multiplied by its image.
  init(
    _ network: ExplainedNetwork, shape: [Int], classes: [Int], multipliesByImages: Bool = false
  ) {
    (self.network, self.classes) = (network, classes)
    self.multipliesByImages = multipliesByImages
    sum = Tensor(repeating: 0, shape: shape)
    scores = classes.map { _ in 0 }
  }

  /// Adds the gradients at a batch of images.
  mutating func add(_ image: Tensor, weight: Float) throws(ExplanationError) {
    waiting.append((image, weight))
    if (waiting.count + 1) * classes.count > Self.imagesAtOnce { try flush() }
  }

  /// The sums of all that was added.
  mutating func total() throws(ExplanationError) -> (gradient: Tensor, scores: [Float]) {
    try flush()
    return (sum, scores)
  }

  private mutating func flush() throws(ExplanationError) {
    guard !waiting.isEmpty else { return }
    let count = waiting.count
    let images = withoutRecording { Tensor.concatenated(waiting.map(\.image), axis: 0) }
    let repeated = (0..<count).flatMap { _ in classes }
    let found: ScoreGradient
    do throws(ExplanationError) {
      found = try network.gradient(images, target: .classes(repeated))
    } catch .nonFiniteScore(let row) {
      throw .nonFiniteScore(sample: row % classes.count)
    }
    for (row, score) in found.scores.enumerated() {
      scores[row % classes.count] += waiting[row / classes.count].weight * score
    }
    let weights = Tensor(waiting.map(\.weight), shape: [count, 1, 1, 1, 1])
    sum = withoutRecording {
      let terms = multipliesByImages ? images * found.gradient : found.gradient
      return sum + (weights * terms.reshaped([count] + sum.shape)).sum(axes: [0])
    }
    waiting = []
  }
}
