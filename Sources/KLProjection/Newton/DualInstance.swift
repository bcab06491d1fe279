/// The dual of Eq. 4 on a face: what is given.
struct DualInstance {
  /// A on the face.
  let stencil: Stencil
  /// w_f and w_c.
  let weights: ProjectionWeights
  /// log τ on the face's fine cells, finite.
  let logFine: UnsafeMutableBufferPointer<Double>
  /// log ρ on the face's coarse cells, finite.
  let logCoarse: UnsafeMutableBufferPointer<Double>
}
