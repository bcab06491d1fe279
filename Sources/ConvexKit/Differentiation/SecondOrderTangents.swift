/// An orthonormal basis of the directions orthogonal to a unit vector u.
///
/// ```
/// I − 2 v vᵀ/(vᵀv),   v = u ± e₀
/// ```
///
/// is a reflection that takes e₀ to ∓u: its other columns are the basis.
struct SecondOrderTangents {
  /// The basis.
  let directions: [[Double]]

  init(_ u: Vector<Double>) {
    let sign = u[0] >= 0 ? 1.0 : -1.0
    var v = u.elements
    v[0] += sign
    let factor = 1 / (1 + abs(u[0]))  // 2/vᵀv.
    var directions: [[Double]] = []
    for k in 1..<max(u.count, 1) {
      var direction = v.map { -factor * v[k] * $0 }
      direction[k] += 1
      directions.append(direction)
    }
    self.directions = directions
  }
}
