/// Sums over the steps of an epoch.
struct StepTotals {
  var steps = 0
  var crossEntropy = 0.0
  var penalty = 0.0
  var correct = 0
  var images = 0
  var seconds = 0.0

  mutating func add(_ step: StepResult) {
    steps += 1
    crossEntropy += step.crossEntropy * Double(step.images)
    penalty += step.penalty * Double(step.images)
    correct += step.correct
    images += step.images
  }
}

extension EpochRecord {
  init(epoch: Int, learningRate: Double, steps: StepTotals, evaluation: Evaluation) {
    let images = Double(max(1, steps.images))
    self.init(
      epoch: epoch, learningRate: learningRate,
      trainingCrossEntropy: steps.crossEntropy / images, trainingPenalty: steps.penalty / images,
      trainingAccuracy: Double(steps.correct) / images, crossEntropy: evaluation.crossEntropy,
      accuracy: evaluation.accuracy, balancedAccuracy: evaluation.balancedAccuracy,
      oracle: evaluation.oracle, trainingSeconds: steps.seconds)
  }
}
