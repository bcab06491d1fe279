import DualLayer
import Foundation
import KLProjection

extension PairInstance {
  /// What the multipliers `lambda_in` prove, and Eq. 6 at them with its gradients.
  func addPenalty(
    _ batch: ProjectionBatch<Double>, to outcome: inout SolveOutcome
  ) throws {
    let (fine, coarse) = (maps.shapes[0], maps.shapes[1])
    let λ = try multipliers()
    let results = try file.checking { () throws(ProjectionError) in
      try batch.projection.certificates(
        for: λ, fine: maps.values[0], coarse: maps.values[1], as: maps.form)
    }
    // A sample whose data are wrong has zeros here too.
    let certificates = results.map { try? $0.get() }
    func scalars(_ value: (WitnessCertificate<Double>) -> Double?) -> [Double] {
      certificates.map { $0.flatMap(value) ?? .nan }
    }
    func rows(_ size: Int, _ row: (WitnessCertificate<Double>) -> [Double]) -> [Double] {
      certificates.flatMap { $0.map(row) ?? [Double](repeating: 0, count: size) }
    }
    let count = [batch.count]
    outcome.add("p", rows(maps.sizes[1]) { $0.coarse }, shape: coarse)
    outcome.add("q", rows(maps.sizes[1]) { $0.marginal }, shape: coarse)
    outcome.add("mu_lambda", rows(maps.sizes[0]) { $0.fine }, shape: fine)
    outcome.add("grad_dual_lambda", rows(maps.sizes[1]) { $0.gradient }, shape: coarse)
    let dual = scalars { $0.dualValue }
    outcome.add("dual_objective", dual, shape: count)
    outcome.add("primal_from_mu", scalars { $0.valueFromFine }, shape: count)
    if marginalization.isPartition {
      outcome.add("primal_from_nu", scalars { $0.valueFromCoarse }, shape: count)
    }
    outcome.add("optimum", batch.map { $0.optimum }, shape: count)
    outcome.add("gap", zip(batch, dual).map { $0.optimum - $1 }, shape: count)
    outcome.add("lambda_star", batch.flatMap { $0.witness }, shape: coarse)
    // Eq. 6 compares Aμ with ν, which must both be distributions.
    guard marginalization.isColumnStochastic else { return }
    for (name, divergence) in [
      ("kl_pq", Divergence.coarseFromFine), ("kl_qp", .fineFromCoarse),
    ] {
      try addDivergence(name, divergence, λ, to: &outcome)
    }
  }

  /// λ of every sample: an array like the coarse maps, or one map for the whole batch.
  private func multipliers() throws -> [Double] {
    let shape = maps.shapes[1]
    guard let count = maps.batch, try file.shape("lambda_in") == [maps.sizes[1]] else {
      return try file.doubles("lambda_in", shape: shape)
    }
    let shared = try file.doubles("lambda_in")
    return (0..<count).flatMap { _ in shared }
  }

  /// One direction of Eq. 6 with α = 1. A sample whose divergence is infinite has no gradient: zeros
  /// in a batch, no arrays for a single one.
  private func addDivergence(
    _ name: String, _ divergence: Divergence, _ λ: [Double], to outcome: inout SolveOutcome
  ) throws {
    let (fine, coarse) = (maps.shapes[0], maps.shapes[1])
    let penalty = try WitnessPenalty(
      marginalization, weights: weights, divergence: divergence, alpha: 1)
    // The gradients are with respect to potentials, of which logarithms are some.
    let potentials =
      maps.form == .potentials ? maps.values : maps.values.map { $0.map { log($0) } }
    let witness = try AmortizedWitness(λ, coarseCount: marginalization.coarseCount)
    let values = try penalty.values(
      fine: potentials[0], coarse: potentials[1], as: .potentials, witness: witness)
    outcome.add(name, values.values, shape: [values.values.count])
    let cotangents = values.values.map { $0.isFinite ? 1.0 : 0 }
    guard cotangents.contains(1) else { return }
    let gradients = try penalty.gradients(
      of: cotangents, fine: potentials[0], coarse: potentials[1], as: .potentials,
      witness: witness)
    outcome.add("grad_\(name)_lambda", gradients.witness, shape: coarse)
    outcome.add("grad_\(name)_phi_f", gradients.fine, shape: fine)
    outcome.add("grad_\(name)_phi_c", gradients.coarse, shape: coarse)
  }
}
