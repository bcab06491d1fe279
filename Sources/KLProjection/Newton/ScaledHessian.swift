import CKernels

/// B = (1/w_f) R Aᵀ + (1/w_c) I, the Hessian of −g scaled by Aμ, short of its rank-one terms.
///
/// R Aᵀ is row-stochastic when A is column-stochastic, and similar to K Kᵀ with
/// K = (Aμ)^{−1/2} A μ^{1/2}: B's eigenvalues lie between 1/w_c and 1/w_c + c/w_f, c the largest
/// column sum, whatever the data. Its rows are of the size of 1 even where those of the Hessian
/// are 1e-300, so that elimination solves for every cell to full precision; being similar to a
/// positive definite matrix it needs no exchanges.
///
/// Where masses are close, the symmetric matrix itself is at hand, D^{1/2} B D^{−1/2} with D = diag Aμ,
/// which takes half of the work: B Δ = f is D^{1/2} B D^{−1/2} y = D^{1/2} f and Δ = D^{−1/2} y. The two
/// eliminations are the same up to the scaling, and resolve the same cells.
final class ScaledHessian {
  private let count: Int
  private let bandwidth: Int
  /// Either form of the matrix.
  private let band: UnsafeMutablePointer<Double>
  private let pivots: UnsafeMutablePointer<Double>
  /// D^{−1/2}.
  private let roots: UnsafeMutablePointer<Double>
  /// Two right-hand sides, then solutions, each followed by the room that elimination needs.
  private let solutions: UnsafeMutablePointer<Double>
  private var spacing: Int { count + 8 }

  init(_ stencil: Stencil) {
    count = stencil.coarseCount
    bandwidth = stencil.bandwidth
    let width = Int64(bandwidth)
    let padded = Int(ckernels_upper_band_rows(Int64(count)))
    let entries = max(
      count * Int(ckernels_band_stride(width)), padded * Int(ckernels_upper_band_stride(width)))
    func room(_ count: Int) -> UnsafeMutablePointer<Double> {
      let numbers = UnsafeMutablePointer<Double>.allocate(capacity: count)
      numbers.initialize(repeating: 0, count: count)
      return numbers
    }
    band = room(entries)
    pivots = room(padded)
    roots = room(count)
    solutions = room(2 * (count + 8))
  }

  deinit {
    for numbers in [band, pivots, roots, solutions] { numbers.deallocate() }
  }

  /// B⁻¹ f at a point and, if asked for, B⁻¹ 1; valid until the next call.
  func solve(
    _ instance: DualInstance, at point: DualPoint, _ rightHandSide: (Int) -> Double,
    alsoOnes: Bool
  ) -> (solution: UnsafePointer<Double>, ones: UnsafePointer<Double>) {
    for cell in 0..<count {
      solutions[cell] = rightHandSide(cell)
      solutions[spacing + cell] = 1
    }
    if point.isClose {
      solveSymmetric(instance, at: point, alsoOnes ? 2 : 1)
    } else {
      eliminate(instance, at: point, alsoOnes ? 2 : 1)
    }
    return (UnsafePointer(solutions), UnsafePointer(solutions + spacing))
  }

  private func solveSymmetric(_ instance: DualInstance, at point: DualPoint, _ sides: Int) {
    let columns = instance.stencil.columns
    for cell in 0..<count { roots[cell] = 1 / point.sums[cell].squareRoot() }
    ckernels_assemble_upper(
      Int64(count), Int64(columns.rowCount), columns.starts, columns.indices, columns.values,
      point.masses.baseAddress, roots, 1 / instance.weights.coarse, 1 / instance.weights.fine,
      Int64(bandwidth), band)
    for side in 0..<sides {
      let values = solutions + side * spacing
      for cell in 0..<count { values[cell] /= roots[cell] }
      for cell in count..<spacing { values[cell] = 0 }
    }
    ckernels_upper_band_solve(
      Int64(count), Int64(bandwidth), band, Int64(sides), Int64(spacing), solutions, pivots)
    for side in 0..<sides {
      let values = solutions + side * spacing
      for cell in 0..<count { values[cell] *= roots[cell] }
    }
  }

  private func eliminate(_ instance: DualInstance, at point: DualPoint, _ sides: Int) {
    let (rows, columns) = (instance.stencil.rows, instance.stencil.columns)
    ckernels_assemble(
      Int64(count), rows.starts, rows.indices, point.shares.baseAddress, columns.starts,
      columns.indices, columns.values, 1 / instance.weights.coarse, 1 / instance.weights.fine,
      Int64(bandwidth), band)
    ckernels_band_solve(
      Int64(count), Int64(bandwidth), band, Int64(sides), Int64(spacing), solutions, pivots)
  }
}
