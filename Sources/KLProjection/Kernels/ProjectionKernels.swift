import CKernels

/// The loops over A's entries, which C vectorizes and Swift does not.
package enum ProjectionKernels {
  /// x = prior − scale · Aᵀλ.
  static func tilt(
    _ stencil: Stencil, prior: UnsafeMutableBufferPointer<Double>,
    witness: UnsafeMutableBufferPointer<Double>, scale: Double,
    into tilted: UnsafeMutableBufferPointer<Double>
  ) {
    let columns = stencil.columns
    ckernels_tilt(
      Int64(stencil.fineCount), columns.starts, columns.indices, columns.values,
      prior.baseAddress, witness.baseAddress, scale, tilted.baseAddress)
  }

  /// log Σ_j A_ij e^{x_j}, and the shares of the terms in it.
  static func marginal(
    _ stencil: Stencil, tilted: UnsafeMutableBufferPointer<Double>,
    shares: UnsafeMutableBufferPointer<Double>,
    into logMarginal: UnsafeMutableBufferPointer<Double>
  ) {
    let rows = stencil.rows
    ckernels_marginal(
      Int64(stencil.coarseCount), rows.starts, rows.indices, stencil.logValues,
      tilted.baseAddress, shares.baseAddress, logMarginal.baseAddress)
  }

  /// e^{x_j − `largest`}, their sums with A, and log Σ_j A_ij e^{x_j}.
  static func masses(
    _ stencil: Stencil, tilted: UnsafeMutableBufferPointer<Double>, largest: Double,
    masses: UnsafeMutableBufferPointer<Double>, sums: UnsafeMutableBufferPointer<Double>,
    into logMarginal: UnsafeMutableBufferPointer<Double>
  ) {
    let rows = stencil.rows
    ckernels_masses(
      Int64(stencil.coarseCount), rows.starts, rows.indices, rows.values,
      Int64(stencil.fineCount), tilted.baseAddress, largest, masses.baseAddress,
      sums.baseAddress, logMarginal.baseAddress)
  }

  /// The least and the largest of finite numbers.
  static func extremes(
    _ values: UnsafeMutableBufferPointer<Double>
  ) -> (least: Double, most: Double) {
    var (least, most) = (Double.infinity, -Double.infinity)
    ckernels_extremes(Int64(values.count), values.baseAddress, &least, &most)
    return (least, most)
  }

  /// exp, in place; 0 below −708.
  package static func exponentiate(_ values: UnsafeMutableBufferPointer<Double>) {
    ckernels_exp(Int64(values.count), values.baseAddress)
  }
}
