import RealModule

/// μ and ν of a multiplier on its face, and the two constants that normalize them.
///
/// Valid until its point or its room is used again.
struct FaceSolution {
  private let point: DualPoint
  /// e^{x_j − max x}.
  private let masses: UnsafeMutableBufferPointer<Double>
  private let largest: Double
  private let sum: Double
  private let logSum: Double
  /// log Σ_i ρ_i e^{λ_i/w_c}.
  let coarseConstant: Double
  /// max |Aμ − ν| with ν_i ∝ ρ_i e^{λ_i/w_c}: ‖∇g(λ)‖_∞, which vanishes where λ is optimal.
  let residual: Double

  init(_ point: DualPoint, _ instance: DualInstance, room: UnsafeMutableBufferPointer<Double>) {
    self.point = point
    if point.isClose {
      (masses, largest) = (point.masses, point.largest)
      sum = masses.reduce(0, +)
    } else {
      masses = UnsafeMutableBufferPointer(rebasing: room[..<point.tilted.count])
      _ = masses.update(fromContentsOf: point.tilted)
      (largest, sum) = LogDomain.exponentiate(masses)
    }
    logSum = .log(sum)
    let (shift, marginal) = (largest + logSum, point.logMarginal)
    (coarseConstant, residual) = withUnsafeTemporaryAllocation(
      of: Double.self, capacity: point.witness.count
    ) { terms in
      for cell in terms.indices {
        let λ = point.witness[cell] / instance.weights.coarse
        terms.initializeElement(at: cell, to: instance.logCoarse[cell] + λ)
      }
      let (largest, sum) = LogDomain.exponentiate(terms)
      var residual = 0.0
      for cell in terms.indices {
        residual = max(residual, abs(.exp(marginal[cell] - shift) - terms[cell] / sum))
      }
      return (largest + .log(sum), residual)
    }
  }

  var fineIndices: Range<Int> { point.tilted.indices }
  var coarseIndices: Range<Int> { point.logMarginal.indices }
  /// log Σ_j e^{x_j}.
  var fineConstant: Double { largest + logSum }

  /// μ_j.
  func fine(_ index: Int) -> Double { masses[index] / sum }
  /// log μ_j. The largest x goes first: it may be thousands of times the difference.
  func logFine(_ index: Int) -> Double { point.tilted[index] - largest - logSum }
  /// log (Aμ)_i, which is log ν_i once λ is optimal.
  func logCoarse(_ index: Int) -> Double { point.logMarginal[index] - largest - logSum }
}
