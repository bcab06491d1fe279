import DualLayer
import KLProjection

// Eqs. 4-6 as applications on the tape. Their mathematics is DualLayer's; what is added here is the
// mean over the batch and the passage between tensors and arrays. A value that is not finite
// (potentials that have become NaN) has NaN as its gradient; `Tensor.firstNonFiniteApplication()`
// finds where that began.
extension Primitives {
  /// A penalty and what the entries of the maps it is applied to are.
  public struct Consistency<Penalty: Sendable>: Sendable {
    /// The penalty.
    public let penalty: Penalty
    /// Potentials, from which nothing underflows, or probabilities.
    public let form: AttentionForm
  }

  /// y = mean over samples of α D(p, q), Eq. 6;  dφ, dψ, dλ by `WitnessPenalty.gradients`
  ///
  /// Inputs: the fine maps `[N, …]`, the coarse maps `[N, …]` and λ, one map for all samples
  /// (`[1, …]`) or one for each (`[N, …]`).
  public static let witnessPenalty = Primitive<Consistency<WitnessPenalty>>(
    name: "witnessPenalty",
    forward: { inputs, consistency in
      let maps = Maps(inputs, "witnessPenalty")
      let values = maps.expecting { () throws(DualLayerError) in
        try consistency.penalty.values(
          fine: maps.fine, coarse: maps.coarse, as: consistency.form, witness: maps.witness)
      }
      return .init(Tensor(Float(values.mean)))
    },
    pullback: { application, consistency, dy in
      let maps = Maps(application.inputs, "witnessPenalty")
      do {
        let gradients = try consistency.penalty.gradients(
          of: maps.meanCotangents(dy), fine: maps.fine, coarse: maps.coarse,
          as: consistency.form, witness: maps.witness)
        return maps.tensors([gradients.fine, gradients.coarse, gradients.witness])
      } catch {
        return maps.undefined
      }
    })

  /// y = log A softmax φ;  dφ by `LogMarginal.pullBack`
  ///
  /// Input φ `[N, …]`; the result is `[N, n]`.
  public static let logMarginal = Primitive<LogMarginal>(
    name: "logMarginal",
    forward: { inputs, marginal in
      let maps = Maps(inputs, "logMarginal")
      let values = maps.expecting { () throws(DualLayerError) in
        try marginal.values(potentials: maps.fine)
      }
      let shape = [inputs[0].shape[0], marginal.marginalization.coarseCount]
      return .init(Tensor(values, shape: shape))
    },
    pullback: { application, marginal, dy in
      let maps = Maps(application.inputs, "logMarginal")
      return maps.tensors([
        maps.expecting { () throws(DualLayerError) in
          try marginal.pullBack(dy.elements, potentials: maps.fine)
        }
      ])
    })
}

/// The inputs of a primitive of this file as arrays.
private struct Maps {
  let inputs: [Tensor]
  let name: String
  let fine: [Float]
  let coarse: [Float]

  init(_ inputs: [Tensor], _ name: String) {
    self.inputs = inputs
    self.name = name
    fine = inputs[0].elements
    coarse = inputs.count > 1 ? inputs[1].elements : []
  }

  /// The third input: a single map is shared by all samples.
  var witness: any DualWitness<Float> {
    let λ = inputs[2]
    if λ.shape.first == 1 { return SharedWitness(λ.elements) }
    return expecting { () throws(DualLayerError) in
      try AmortizedWitness(λ.elements, coarseCount: inputs[1].count / inputs[1].shape[0])
    }
  }

  /// The weight of each sample's value in the mean.
  func meanCotangents(_ dy: Tensor) -> [Double] {
    let count = inputs[0].shape[0]
    return [Double](repeating: Double(dy.item) / Double(count), count: count)
  }

  /// Gradients in the shapes of the inputs.
  func tensors(_ gradients: [[Float]]) -> [Tensor?] {
    zip(gradients, inputs).map { Tensor($0, shape: $1.shape) }
  }

  /// The gradient of a value that is not finite.
  var undefined: [Tensor?] { inputs.map { Tensor(repeating: .nan, shape: $0.shape) } }

  /// Shapes that are no batch are the program's mistake.
  func expecting<Result>(_ body: () throws(DualLayerError) -> Result) -> Result {
    do {
      return try body()
    } catch {
      preconditionFailure("\(name): shapes \(inputs.map(\.shape)): \(error)")
    }
  }
}
