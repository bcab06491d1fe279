import DualLayer
import KLProjection

// Eqs. 4-6 as applications on the tape. Their mathematics is DualLayer's; what is added here is the
// mean over the batch and the passage between tensors and arrays. A value that is not finite
// (potentials that have become NaN) has NaN as its gradient; `Tensor.firstNonFiniteApplication()`
// finds where that began.
extension Primitives {
  /// What is computed from a pair of maps, and what the maps' entries are.
  public struct Consistency<Program: Sendable>: Sendable {
    /// The penalty or the layer.
    public let program: Program
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
        try consistency.program.values(
          fine: maps.fine, coarse: maps.coarse, as: consistency.form, witness: maps.witness)
      }
      return .init(Tensor(Float(values.mean)))
    },
    pullback: { application, consistency, dy in
      let maps = Maps(application.inputs, "witnessPenalty")
      do {
        let gradients = try consistency.program.gradients(
          of: maps.meanCotangents(dy), fine: maps.fine, coarse: maps.coarse,
          as: consistency.form, witness: maps.witness)
        return maps.tensors([gradients.fine, gradients.coarse, gradients.witness])
      } catch {
        return maps.undefined
      }
    })

  /// y = mean over samples of α · optimum of Eq. 4;  dφ = α w_f (τ − μ)/N,  dψ = α w_c (ρ − ν)/N
  ///
  /// Inputs: the fine maps `[N, …]` and the coarse maps `[N, …]`.
  public static let exactPenalty = Primitive<Consistency<ExactPenalty>>(
    name: "exactPenalty",
    forward: { inputs, consistency in
      let maps = Maps(inputs, "exactPenalty")
      let values = maps.expecting { () throws(DualLayerError) in
        try consistency.program.values(
          fine: maps.fine, coarse: maps.coarse, as: consistency.form)
      }
      return .init(Tensor(Float(values.mean)))
    },
    pullback: { application, consistency, dy in
      let maps = Maps(application.inputs, "exactPenalty")
      do {
        let gradients = try consistency.program.gradients(
          of: maps.meanCotangents(dy), fine: maps.fine, coarse: maps.coarse,
          as: consistency.form)
        return maps.tensors([gradients.fine, gradients.coarse])
      } catch {
        return maps.undefined
      }
    })

  /// y = μ, the fine map that solves Eq. 4;  dφ, dψ by `ProjectionLayer.pullBack`
  ///
  /// Inputs: the fine maps `[N, …]` and the coarse maps `[N, …]`; y is like the fine ones. The coarse
  /// solution is ν = Aμ, ``marginal``, and needs no primitive of its own. Samples that are not solved
  /// have NaN.
  public static let projection = Primitive<Consistency<ProjectionLayer>>(
    name: "projection",
    forward: { inputs, consistency in
      let maps = Maps(inputs, "projection")
      let solved = maps.expecting { () throws(DualLayerError) in
        try consistency.program.forward(
          fine: maps.fine, coarse: maps.coarse, as: consistency.form)
      }
      let cells = maps.fine.count / solved.count
      let μ = solved.fine.enumerated().map { index, mass in
        solved.summaries[index / cells].status == .solved ? mass : .nan
      }
      return .init(Tensor(μ, shape: inputs[0].shape))
    },
    pullback: { application, consistency, dy in
      let maps = Maps(application.inputs, "projection")
      do {
        let layer = consistency.program
        let solved = try layer.forward(
          fine: maps.fine, coarse: maps.coarse, as: consistency.form)
        let gradients = try layer.pullBack(
          fine: dy.elements, coarse: [Float](repeating: 0, count: maps.coarse.count),
          through: solved)
        return maps.tensors([gradients.fine, gradients.coarse])
      } catch {
        return maps.undefined
      }
    })

  /// y = A x;  dx = Aᵀ dy
  ///
  /// Input x `[N, …]`; the result is `[N, n]`.
  public static let marginal = Primitive<Marginalization>(
    name: "marginal", keeping: { _ in .none },
    forward: { inputs, marginalization in
      let sums = rows(inputs[0], marginalization.fineCount, marginalization.marginal)
      return .init(Tensor(sums, shape: [inputs[0].shape[0], marginalization.coarseCount]))
    },
    pullback: { application, marginalization, dy in
      let spread = rows(dy, marginalization.coarseCount, marginalization.spread)
      return [Tensor(spread, shape: application.operands[0].shape)]
    })

  /// A map of every sample's cells.
  private static func rows(
    _ x: Tensor, _ cells: Int, _ map: ([Float]) -> [Float]
  ) -> [Float] {
    let elements = x.elements
    precondition(
      elements.count == x.shape[0] * cells, "marginal: \(x.shape) has no maps of \(cells) cells")
    return (0..<x.shape[0]).flatMap { map(Array(elements[$0 * cells..<($0 + 1) * cells])) }
  }

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
