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
    let pass = try record(images)
    let (classes, scores) = try pass.scores(target)
    let gradients = pass.output.scores.pullBack(pass.seed(classes), releasing: true)
    let gradient = gradients[pass.input] ?? Tensor(repeating: 0, shape: images.shape)
    return ScoreGradient(gradient: gradient, classes: classes, scores: scores)
  }
}
