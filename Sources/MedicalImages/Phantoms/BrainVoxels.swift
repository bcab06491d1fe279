/// The voxels of a simulated brain and what tissue each holds.
///
/// Only the brain is kept: it is a sixth of the field of view.
struct BrainVoxels: Sendable {
  /// The grid.
  let frame: GridFrame
  /// The numbers of the brain's voxels in the grid, ascending.
  private(set) var positions: [Int] = []
  /// The fractions of the tissues, by ``Tissue``'s number, which sum to 1; then the uptake of
  /// contrast agent, 0 to 1; then 0.
  var mixtures: [SIMD8<Float>] = []
  /// The grid's labels, 0 where there is no tumor.
  var labels: [UInt8]

  /// The healthy brain: the template's tissues at the places that the deformation says.
  init(_ deformation: Deformation, template: Template, frame: GridFrame) {
    self.frame = frame
    labels = [UInt8](repeating: 0, count: frame.count)
    let axes = (0..<3).map { frame.positions(along: $0) }
    positions.reserveCapacity(frame.count / 5)
    mixtures.reserveCapacity(frame.count / 5)
    for k in 0..<frame.shape[2] {
      for j in 0..<frame.shape[1] {
        for i in 0..<frame.shape[0] {
          let position = i + frame.shape[0] * (j + frame.shape[1] * k)
          let place = SIMD3(axes[0][i], axes[1][j], axes[2][k])
          let source = deformation.source(of: place, position)
          guard let intensity = template.intensity(at: source) else { continue }
          let tissue = template.fractions(of: intensity)
          positions.append(position)
          mixtures.append(SIMD8(tissue.fluid, tissue.gray, tissue.white, 0, 0, 0, 0, 0))
        }
      }
    }
  }

  /// The indices along i, j, k of voxel number `position`.
  func indices(of position: Int) -> SIMD3<Int> {
    let (nx, ny) = (frame.shape[0], frame.shape[1])
    return SIMD3(position % nx, position / nx % ny, position / (nx * ny))
  }
}
