import DualLayer
import Foundation
import KLProjection

/// The comparison of a multiplier λ with the exact optimum of Eq. 4, averaged over images.
public struct OracleSummary: Sendable, Codable, Equatable {
  /// The optimum of Eq. 4, in nats: how far the two maps are from agreeing.
  public var optimum: Double
  /// The duality gap that λ certifies without knowing the optimum, in nats.
  public var certifiedGap: Double
  /// The optimum minus the dual value of λ, in nats.
  public var suboptimality: Double
  /// The residual of Eq. 5's constraint, ‖Aμ − ν‖₁.
  public var residual: Double
  /// ‖λ − λ*‖₂, both in the gauge of mean zero.
  public var witnessDistance: Double
  /// The total variation between the reparameterized fine map and the exact one.
  public var totalVariation: Double
  /// The duality gap of the exact program's solution, in nats: rounding.
  public var exactGap: Double
  /// The residual ‖Aμ − ν‖_∞ of the exact program's solution: rounding.
  public var exactResidual: Double
  /// Milliseconds per batch for the maps that λ gives (Theorem 3.1).
  public var witnessMilliseconds: Double
  /// Milliseconds per batch for the exact program.
  public var exactMilliseconds: Double
}

extension OracleSummary {
  /// Asks the oracle about a network's maps.
  ///
  /// - Parameters:
  ///   - maps: The maps and λ.
  ///   - batchSize: The number of images in the batch that is timed.
  /// - Throws: ``TrainingError/unfit(reason:)`` unless there are two maps whose grids nest.
  public init(_ maps: HeldOutMaps, batchSize: Int) throws(TrainingError) {
    guard let (fine, coarse) = maps.pair else {
      throw .unfit(reason: "the network has not two attention gates")
    }
    do {
      let projection = try MarginalProjection(fine: fine.grid, coarse: coarse.grid)
      let witness = SharedWitness(maps.witness)
      let mean = try WitnessOracle(projection).report(
        on: witness, fine: fine.potentials, coarse: coarse.potentials, as: .potentials
      ).mean
      let exact = try projection.project(
        fine: fine.potentials, coarse: coarse.potentials, as: .potentials)
      let solved = exact.filter { $0.status == .solved }
      let batch = (fine: fine.prefix(batchSize), coarse: coarse.prefix(batchSize))
      self.init(
        optimum: mean.optimum, certifiedGap: mean.gap, suboptimality: mean.suboptimality,
        residual: mean.residual, witnessDistance: mean.witnessDistance,
        totalVariation: mean.fineDistance, exactGap: solved.map(\.gap).mean,
        exactResidual: solved.map(\.residual).mean,
        witnessMilliseconds: try milliseconds {
          _ = try Reparameterization(
            at: witness, fine: batch.fine, coarse: batch.coarse, as: .potentials,
            on: projection.marginalization)
        },
        exactMilliseconds: try milliseconds {
          _ = try projection.project(fine: batch.fine, coarse: batch.coarse, as: .potentials)
        })
    } catch {
      throw .unfit(reason: "the attention maps are no instance of Eq. 4: \(error)")
    }
  }
}

/// The median time of a few calls.
private func milliseconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  var times: [Double] = []
  for _ in 0..<5 {
    let duration = try clock.measure(body)
    times.append(
      Double(duration.components.attoseconds) * 1e-15 + 1000 * Double(duration.components.seconds))
  }
  return times.sorted()[2]
}

extension [Double] {
  /// The mean; NaN of nothing.
  fileprivate var mean: Double { reduce(0, +) / Double(count) }
}
