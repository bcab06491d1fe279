import CKernels

/// B = (1/w_f) R Aᵀ + (1/w_c) I, the Hessian of −g scaled by Aμ, short of its rank-one terms.
///
/// R Aᵀ is row-stochastic when A is column-stochastic, and similar to K Kᵀ with
/// K = (Aμ)^{−1/2} A μ^{1/2}: B's eigenvalues lie between 1/w_c and 1/w_c + c/w_f, c the largest
/// column sum, whatever the data. Its rows are of the size of 1 even where those of the Hessian
/// are 1e-300, so that elimination solves for every cell to full precision; being similar to a
/// positive definite matrix it needs no exchanges.
final class ScaledHessian {
  private let count: Int
  private let bandwidth: Int
  private let band: UnsafeMutablePointer<Double>
  private let pivots: UnsafeMutablePointer<Double>
  /// Two right-hand sides, then solutions, each followed by the room that elimination needs.
  private let solutions: UnsafeMutablePointer<Double>
  private var spacing: Int { count + 8 }

  init(_ stencil: Stencil) {
    count = stencil.coarseCount
    bandwidth = stencil.bandwidth
    let entries = count * Int(ckernels_band_stride(Int64(bandwidth)))
    band = .allocate(capacity: entries)
    pivots = .allocate(capacity: count)
    solutions = .allocate(capacity: 2 * (count + 8))
    band.initialize(repeating: 0, count: entries)
    pivots.initialize(repeating: 0, count: count)
    solutions.initialize(repeating: 0, count: 2 * (count + 8))
  }

  deinit {
    band.deallocate()
    pivots.deallocate()
    solutions.deallocate()
  }

  /// B⁻¹ f at a point and, if asked for, B⁻¹ 1; valid until the next call.
  func solve(
    _ instance: DualInstance, at point: DualPoint, _ rightHandSide: (Int) -> Double,
    alsoOnes: Bool
  ) -> (solution: UnsafePointer<Double>, ones: UnsafePointer<Double>) {
    let (rows, columns) = (instance.stencil.logRows, instance.stencil.columns)
    ckernels_assemble(
      Int64(count), rows.starts, rows.indices, point.shares.baseAddress, columns.starts,
      columns.indices, columns.values, 1 / instance.weights.coarse, 1 / instance.weights.fine,
      Int64(bandwidth), band)
    for cell in 0..<count {
      solutions[cell] = rightHandSide(cell)
      solutions[spacing + cell] = 1
    }
    ckernels_band_solve(
      Int64(count), Int64(bandwidth), band, alsoOnes ? 2 : 1, Int64(spacing), solutions, pivots)
    return (UnsafePointer(solutions), UnsafePointer(solutions + spacing))
  }
}
