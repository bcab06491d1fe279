import CKernels
import RealModule

// What Newton's method looks at, for a multiplier λ on a face.
//
//   x_j = log τ_j − (Aᵀλ)_j / w_f                    log μ, up to a constant               (1)
//   log a_i = log Σ_j A_ij e^{x_j}                   log Aμ, up to the same constant       (2)
//   R_ij = A_ij e^{x_j} / a_i                        whose mass coarse cell i holds        (3)
//   F_i = log a_i − log ρ_i − λ_i / w_c + t          log (Aμ)_i − log ν_i                  (4)
//   h = log Σ_{d_j > 0} d_j e^{x_j} − log Σ_{d_j < 0} |d_j| e^{x_j}                        (5)
//
// Where no x_j is far below the largest, the masses e^{x_j − max x} are numbers like any other: a is a
// product with A, and R is made from the two where it is asked for. Elsewhere e^{x_j} is taken relative
// to the largest in its coarse cell, once for every entry of A.
//
// λ is optimal when F = 0 for some t, and h = 0 where columns do not sum to 1: that is Aμ = ν with
// both distributions. Being logarithms, F and h weigh a cell of mass 1e-300 like any other. The
// free constant t centers F, so that the residual ‖F‖_∞ is as small as it can be.

/// A multiplier and everything that Newton's method needs there.
final class DualPoint {
  /// λ on the face's coarse cells, followed by room that the band solver needs.
  let witness: UnsafeMutableBufferPointer<Double>
  /// x, (1).
  let tilted: UnsafeMutableBufferPointer<Double>
  /// log a, (2).
  let logMarginal: UnsafeMutableBufferPointer<Double>
  /// Whether the x are so close that `masses` and `sums` are valid; otherwise `shares` are.
  private(set) var isClose = false
  /// The largest x.
  private(set) var largest = -Double.infinity
  /// e^{x_j − max x}.
  let masses: UnsafeMutableBufferPointer<Double>
  /// a_i e^{−max x}.
  let sums: UnsafeMutableBufferPointer<Double>
  /// R, (3), by rows.
  let shares: UnsafeMutableBufferPointer<Double>
  /// F, (4).
  let mismatch: UnsafeMutableBufferPointer<Double>
  /// h, (5); 0 where all columns sum to 1.
  private(set) var imbalance = 0.0
  /// max(‖F‖_∞, |h|).
  private(set) var residual = Double.infinity

  init(_ stencil: Stencil) {
    func room(_ count: Int) -> UnsafeMutableBufferPointer<Double> {
      let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: count)
      buffer.initialize(repeating: 0)
      return buffer
    }
    witness = room(stencil.coarseCount)
    tilted = room(stencil.fineCount)
    logMarginal = room(stencil.coarseCount)
    masses = room(stencil.fineCount)
    sums = room(stencil.coarseCount)
    shares = room(stencil.entryCount)
    mismatch = room(stencil.coarseCount)
  }

  deinit {
    for buffer in [witness, tilted, logMarginal, masses, sums, shares, mismatch] {
      buffer.deallocate()
    }
  }

  /// Computes (1) to (5) at the present λ.
  func evaluate(_ instance: DualInstance) {
    let stencil = instance.stencil
    ProjectionKernels.tilt(
      stencil, prior: instance.logFine, witness: witness, scale: 1 / instance.weights.fine,
      into: tilted)
    let range = ProjectionKernels.extremes(tilted)
    largest = range.most
    isClose = range.most - range.least <= stencil.closeRange
    if isClose {
      ProjectionKernels.masses(
        stencil, tilted: tilted, largest: largest, masses: masses, sums: sums, into: logMarginal)
    } else {
      ProjectionKernels.marginal(stencil, tilted: tilted, shares: shares, into: logMarginal)
    }
    var (least, most) = (Double.infinity, -Double.infinity)
    for cell in mismatch.indices {
      let difference =
        logMarginal[cell] - instance.logCoarse[cell] - witness[cell] / instance.weights.coarse
      mismatch[cell] = difference
      least = min(least, difference)
      most = max(most, difference)
    }
    let center = (least + most) / 2
    for cell in mismatch.indices { mismatch[cell] -= center }
    imbalance = stencil.isColumnStochastic ? 0 : excessBalance(stencil).imbalance
    residual = max((most - least) / 2, abs(imbalance))
  }

  /// R_ij, (3), of an entry of A by rows.
  func share(_ entry: Int, row: Int, _ stencil: Stencil) -> Double {
    isClose
      ? stencil.rows.values[entry] * masses[Int(stencil.rows.indices[entry])] / sums[row]
      : shares[entry]
  }

  /// (5), and the distributions ω± ∝ |d_j| e^{x_j} of the two sums, as one signed vector.
  func excessBalance(_ stencil: Stencil) -> (imbalance: Double, signed: [Double]) {
    var largest = (above: -Double.infinity, below: -Double.infinity)
    for (cell, excess) in stencil.excess.enumerated() where excess != 0 {
      if excess > 0 {
        largest.above = max(largest.above, tilted[cell])
      } else {
        largest.below = max(largest.below, tilted[cell])
      }
    }
    var signed = [Double](repeating: 0, count: stencil.fineCount)
    var sum = (above: 0.0, below: 0.0)
    for (cell, excess) in stencil.excess.enumerated() where excess != 0 {
      let reference = excess > 0 ? largest.above : largest.below
      signed[cell] = excess * .exp(tilted[cell] - reference)
      if excess > 0 { sum.above += signed[cell] } else { sum.below -= signed[cell] }
    }
    for (cell, excess) in stencil.excess.enumerated() where excess != 0 {
      signed[cell] /= excess > 0 ? sum.above : sum.below
    }
    let imbalance = largest.above + .log(sum.above) - largest.below - .log(sum.below)
    return (imbalance, signed)
  }
}
