import Foundation

/// A point of the homogeneous embedding, or a direction in it, in scaled units.
final class Iterate {
  let n: Int
  let m: Int
  let x, s, z: UnsafeMutablePointer<Double>
  /// Of a direction: the unknowns that the linear system has besides.
  let extra: UnsafeMutablePointer<Double>
  let extraCount: Int
  var tau = 0.0
  var kappa = 0.0
  private let arena = Arena()

  init(n: Int, m: Int, extraCount: Int = 0) {
    self.n = n
    self.m = m
    self.extraCount = extraCount
    (x, s, z) = (arena.numbers(n), arena.numbers(m), arena.numbers(m))
    extra = arena.numbers(extraCount)
  }

  /// x and z, as a right side.
  var rightSide: KKTRightSide { KKTRightSide(f: x, g: z) }
  /// x, z and the extra unknowns, as a place for a solution.
  var solution: KKTSolution { KKTSolution(x: x, z: z, extra: extra) }

  /// Takes over another point.
  func copy(_ other: Iterate) {
    x.update(from: other.x, count: n)
    s.update(from: other.s, count: m)
    z.update(from: other.z, count: m)
    (tau, kappa) = (other.tau, other.kappa)
  }

  /// Makes everything zero.
  func clear() {
    x.update(repeating: 0, count: n)
    s.update(repeating: 0, count: m)
    z.update(repeating: 0, count: m)
    extra.update(repeating: 0, count: extraCount)
    (tau, kappa) = (0, 0)
  }

  /// This point plus α times a direction.
  func advance(_ direction: Iterate, by length: Double) {
    for j in 0..<n { x[j] += length * direction.x[j] }
    for i in 0..<m {
      s[i] += length * direction.s[i]
      z[i] += length * direction.z[i]
    }
    tau += length * direction.tau
    kappa += length * direction.kappa
  }

  /// Divides by the larger of τ and κ, which keeps a ray of the embedding from growing out of range.
  func normalize() {
    let factor = 1 / max(tau, kappa)
    for j in 0..<n { x[j] *= factor }
    for i in 0..<m {
      s[i] *= factor
      z[i] *= factor
    }
    tau *= factor
    kappa *= factor
  }

  /// Σ ν log μ + f(s) + f*(z) + ν at the end of a step: how far that is from the central path, by the
  /// barriers of the cones, of which Σ ν is the degree.
  func proximity(
    _ direction: Iterate, _ length: Double, _ blocks: [any ConeBlock], degree: Double
  ) -> Double {
    let step = BlockStep(s: s, z: z, ds: direction.s, dz: direction.z)
    let (tau, kappa) = (tau + length * direction.tau, kappa + length * direction.kappa)
    var product = tau * kappa
    for i in 0..<m {
      product += (s[i] + length * step.ds[i]) * (z[i] + length * step.dz[i])
    }
    guard tau > 0, kappa > 0, product > 0 else { return .infinity }
    var sum = degree * log(product / degree) - log(tau) - log(kappa)
    for block in blocks {
      sum += block.proximity(step, length)
      if sum == .infinity { break }
    }
    return sum
  }

  /// sᵀz + τκ.
  var complementarity: Double { tau * kappa + s.dot(z, count: m) }
}
