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
    let rows = stencil.logRows
    ckernels_marginal(
      Int64(stencil.coarseCount), rows.starts, rows.indices, rows.values, tilted.baseAddress,
      shares.baseAddress, logMarginal.baseAddress)
  }

  /// exp, in place; 0 below −708.
  package static func exponentiate(_ values: UnsafeMutableBufferPointer<Double>) {
    ckernels_exp(Int64(values.count), values.baseAddress)
  }
}
