/// What a solution has besides its maps: computed when asked for.
struct ProjectionDetail: Sendable {
  /// log μ, −∞ on cells forced to zero.
  let logFine: [Double]
  /// log ν, −∞ on cells forced to zero.
  let logCoarse: [Double]
  /// λ, 0 on cells forced to zero.
  let witness: [Double]

  /// λ in its gauge: mean zero over the cells that carry mass.
  static func centered(_ witness: [Double], logCoarse: [Double]) -> [Double] {
    let carrying = logCoarse.indices.filter { logCoarse[$0] > -.infinity }
    guard !carrying.isEmpty else { return witness }
    var centered = witness
    let mean = carrying.reduce(0.0) { $0 + witness[$1] } / Double(carrying.count)
    for index in carrying { centered[index] -= mean }
    return centered
  }
}
