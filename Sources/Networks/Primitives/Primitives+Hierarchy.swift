import DualLayer
import KLProjection

// Eq. 4 along a chain of maps as applications on the tape; see Primitives+Consistency.swift.
extension Primitives {
  /// y = mean over samples of α · optimum of Eq. 4 for a chain of maps;
  /// dφ_t = α w_t (τ_t − μ_t)/N
  ///
  /// Inputs: the maps `[N, …]`, fine to coarse.
  public static let hierarchyPenalty = Primitive<Consistency<HierarchyPenalty>>(
    name: "hierarchyPenalty",
    forward: { inputs, consistency in
      let values = expecting(inputs, "hierarchyPenalty") { () throws(DualLayerError) in
        try consistency.program.values(inputs.map(\.elements), as: consistency.form)
      }
      return .init(Tensor(Float(values.mean)))
    },
    pullback: { application, consistency, dy in
      let inputs = application.inputs
      let count = inputs[0].shape[0]
      let cotangents = [Double](repeating: Double(dy.item) / Double(count), count: count)
      return tensors(like: inputs) { () throws(DualLayerError) in
        try consistency.program.gradients(
          of: cotangents, inputs.map(\.elements), as: consistency.form)
      }
    })

  /// y = μ_1, the finest map of the chain that solves Eq. 4;  dφ_t by
  /// `HierarchyProjection.pullBackFinest`
  ///
  /// Inputs: the maps `[N, …]`, fine to coarse; y is like the first. The others are μ_{t+1} = P_t μ_t,
  /// ``marginal``. Samples that are not solved have NaN.
  public static let hierarchyProjection = Primitive<Consistency<HierarchyProjection>>(
    name: "hierarchyProjection",
    forward: { inputs, consistency in
      let finest = expecting(inputs, "hierarchyProjection") { () throws(DualLayerError) in
        try consistency.program.finest(inputs.map(\.elements), as: consistency.form)
      }
      return .init(Tensor(finest, shape: inputs[0].shape))
    },
    pullback: { application, consistency, dy in
      let inputs = application.inputs
      return tensors(like: inputs) { () throws(DualLayerError) in
        try consistency.program.pullBackFinest(
          dy.elements, inputs.map(\.elements), as: consistency.form)
      }
    })

  /// Gradients in the shapes of the inputs; NaN where there is no derivative.
  private static func tensors(
    like inputs: [Tensor], _ gradients: () throws(DualLayerError) -> [[Float]]
  ) -> [Tensor?] {
    do {
      return zip(try gradients(), inputs).map { Tensor($0, shape: $1.shape) }
    } catch {
      return inputs.map { Tensor(repeating: .nan, shape: $0.shape) }
    }
  }

  /// Shapes that are no batch are the program's mistake.
  private static func expecting<Result>(
    _ inputs: [Tensor], _ name: String, _ body: () throws(DualLayerError) -> Result
  ) -> Result {
    do {
      return try body()
    } catch {
      preconditionFailure("\(name): shapes \(inputs.map(\.shape)): \(error)")
    }
  }
}
