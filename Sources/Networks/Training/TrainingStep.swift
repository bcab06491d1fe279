import DualLayer
import KLProjection

// One step. A batch B is cut into parts B_1 … B_p, which go through the network one after the other.
// With class weights w, W(·) their sum over the labels of a set of images, and the penalty P,
//
//     loss = Σ_m  W(B_m)/W(B) · CE(B_m)  +  |B_m|/|B| · α P(B_m)                                (1)
//
// and the gradients of the terms are added up. CE is a mean with weights w and P a mean, so that (1)
// is the loss of the whole batch, unless a batch norm normalizes each part by its own statistics. With
// several machines B is the batch of all of them, and each has some of its parts.

/// What one step found.
struct StepResult {
  var crossEntropy = 0.0
  var penalty = 0.0
  var correct = 0
  var images = 0
  /// Where a value stopped being finite; nil if all are.
  var nonFinite: String?

  /// Equation (1).
  func loss(alpha: Double) -> Double { crossEntropy + alpha * penalty }
}

/// Computes the gradients of a step.
final class TrainingStep<Model: GatedClassifier> {
  private let model: Model
  private let settings: TrainingSettings
  /// w, nil for ones.
  private let classWeights: [Float]?
  /// Eq. 4 on the grids of this network's maps, made when they are first seen.
  private var knownConsistency: ConsistentAttention?

  init(_ model: Model, _ settings: TrainingSettings, classWeights: [Float]?) {
    (self.model, self.settings, self.classWeights) = (model, settings, classWeights)
  }

  /// W(·) of equation (1).
  func weight(of labels: [Int]) -> Double {
    guard let classWeights else { return Double(labels.count) }
    return labels.reduce(0) { $0 + Double(classWeights[$1]) }
  }

  /// Adds the gradient of a batch's loss to the parameters'.
  ///
  /// - Parameters:
  ///   - batch: The images of this machine.
  ///   - total: The weight and the number of images of the whole batch; nil if it is this one.
  ///   - gradients: What adds the gradients of all machines up; nil for a single one.
  /// - Returns: This machine's terms of the loss, and where a value is not finite.
  /// - Throws: ``TrainingError/unfit(reason:)``.
  func run(
    _ batch: ImageBatch, of total: ReplicaStep.Totals? = nil, gradients: GradientSum? = nil
  ) throws(TrainingError) -> StepResult {
    var result = StepResult()
    let count = batch.labels.count
    let weight = total?.weight ?? self.weight(of: batch.labels)
    let images = Double(total?.images.reduce(0, +) ?? count)
    let parts = evenParts(of: count, count: total?.parts(settings) ?? settings.parts(of: count))
    for part in parts {
      let labels = Array(batch.labels[part])
      let output = withPrecision(settings.precision) { model(batch.images(part)) }
      let crossEntropy = output.logits.crossEntropy(labels, weights: classWeights)
      let penalty = try penalty(of: output)
      let share = (self.weight(of: labels) / weight, Double(part.count) / images)
      var loss = share.0 == 1 ? crossEntropy : Float(share.0) * crossEntropy
      if let penalty { loss = loss + Float(share.1 * settings.alpha) * penalty }  // (1)
      if !loss.item.isFinite {
        result.nonFinite =
          result.nonFinite ?? model.firstNonFiniteParameter()
          ?? loss.firstNonFiniteApplication()?.primitive ?? "loss"
        // Other machines wait for this one's sums: it walks back all the same.
        if gradients == nil { return result }
      }
      result.crossEntropy += share.0 * Double(crossEntropy.item)
      result.penalty += share.1 * Double(penalty?.item ?? 0)
      result.correct += output.logits.correctCount(labels)
      result.images += part.count
      if let gradients, part == parts.last {
        loss.backward(started: { gradients.started($0) }, finished: { gradients.finished($0) })
      } else {
        loss.backward()
      }
    }
    return result
  }

  private func penalty(of output: GatedOutput) throws(TrainingError) -> Tensor? {
    guard settings.penalty != .unconstrained else { return nil }
    guard let fine = output.fine, let coarse = output.coarse else {
      throw .unfit(reason: "the network has not two attention gates")
    }
    let consistency = try consistency(fine, coarse)
    switch settings.penalty {
    case .unconstrained:
      return nil
    case .exact:
      return consistency.exactPenalty(fine: fine, coarse: coarse)
    case .dual:
      guard let witness = model.witness else {
        throw .unfit(reason: "the network has no multiplier λ to learn")
      }
      return consistency.witnessPenalty(fine: fine, coarse: coarse, witness: witness.value)
    case .klCoarseFine, .klFineCoarse:
      let zero = Tensor(repeating: 0, shape: [1, 1] + coarse.potentials.shape.suffix(2))
      return consistency.witnessPenalty(fine: fine, coarse: coarse, witness: zero)
    }
  }

  private func consistency(
    _ fine: AttentionMap, _ coarse: AttentionMap
  ) throws(TrainingError) -> ConsistentAttention {
    if let knownConsistency { return knownConsistency }
    do {
      let pooling = try Marginalization(
        fine: Array(fine.potentials.shape.suffix(2)),
        coarse: Array(coarse.potentials.shape.suffix(2)))
      let made = try ConsistentAttention(
        pooling, divergence: settings.penalty.divergence, alpha: 1)  // α is applied in (1)
      knownConsistency = made
      return made
    } catch {
      throw .unfit(reason: "the attention maps are no instance of Eq. 4: \(error)")
    }
  }
}

extension ImageBatch {
  /// Some of the images, in their order.
  fileprivate func images(_ part: Range<Int>) -> Tensor {
    guard part.count < labels.count else { return images }
    let shape = Array(images.shape.dropFirst())
    let size = shape.reduce(1, *)
    return images.withElements { elements in
      Tensor(
        Array(elements[part.lowerBound * size..<part.upperBound * size]),
        shape: [part.count] + shape)
    }
  }
}

extension Module {
  /// The first parameter with an element that is not finite, in words.
  func firstNonFiniteParameter() -> String? {
    namedParameters().first { !Elementwise.isFinite($0.parameter.value.detached()) }
      .map { "parameter \($0.name)" }
  }

  /// The first running statistic with an element that is not finite, in words.
  func firstNonFiniteBuffer() -> String? {
    for (name, buffer) in namedBuffers() {
      if case .tensor(let tensor) = buffer.content, !Elementwise.isFinite(tensor) {
        return "buffer \(name)"
      }
    }
    return nil
  }

  /// The first parameter whose gradient has an element that is not finite, in words.
  func firstNonFiniteGradient() -> String? {
    for (name, parameter) in namedParameters() {
      if let gradient = parameter.gradient, !Elementwise.isFinite(gradient) {
        return "gradient of \(name)"
      }
    }
    return nil
  }
}
