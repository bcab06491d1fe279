import Foundation
import TestSupport
import Testing

@testable import ConvexKit

/// The barriers of the exponential and the power cone against differences and identities.
@Suite struct DualBarrierTests {
  /// A cone whose barrier is tested, and points inside its dual.
  enum Kind: Sendable, CustomTestStringConvertible {
    case exponential
    case power(Double)

    static let all: [Kind] =
      [.exponential] + [0.03, 0.25, 0.5, 2.0 / 3, 0.9, 0.97].map { .power($0) }

    var barrier: any DualBarrier {
      switch self {
      case .exponential: ExponentialBarrier()
      case .power(let alpha): PowerBarrier(alpha: Lanes(repeating: alpha), count: 1)
      }
    }

    var testDescription: String {
      switch self {
      case .exponential: "exponential"
      case .power(let alpha): "power \(alpha)"
      }
    }

    /// A point of K*, moderate, and `depth` of the way from the boundary inwards.
    func dual(depth: Double, _ random: inout SeededGenerator) -> Triple {
      let (a, b) = (exp(random.uniform(in: -1..<1)), exp(random.uniform(in: -1..<1)))
      switch self {
      case .exponential: return Triple(-a, -a + a * log(a / b) + depth, b)
      case .power(let alpha):
        let reach = pow(a / alpha, alpha) * pow(b / (1 - alpha), 1 - alpha)
        return Triple(a, b, (random.uniform() < 0.5 ? -1 : 1) * reach * (1 - depth))
      }
    }

    /// A point of K, likewise.
    func primal(depth: Double, _ random: inout SeededGenerator) -> Triple {
      let (a, b) = (exp(random.uniform(in: -1..<1)), exp(random.uniform(in: -1..<1)))
      switch self {
      case .exponential: return Triple(a * log(b / a) - depth, a, b)
      case .power(let alpha):
        let reach = pow(a, alpha) * pow(b, 1 - alpha)
        return Triple(a, b, (random.uniform() < 0.5 ? -1 : 1) * reach * (1 - depth))
      }
    }
  }

  private let points = 20
  private let step = 1e-5

  private func random(_ kind: Kind) -> SeededGenerator {
    SeededGenerator(seed: 41, name: kind.testDescription)
  }

  private func direction(_ random: inout SeededGenerator) -> Triple {
    Triple(random.normal(), random.normal(), random.normal())
  }

  private func largest(_ v: Triple) -> Double { max(abs(v[0]), abs(v[1]), abs(v[2])) }

  @Test(arguments: Kind.all)
  func `derivatives of the barrier are its central differences`(_ kind: Kind) {
    let barrier = kind.barrier
    var random = random(kind)
    for _ in 0..<points {
      let z = kind.dual(depth: random.uniform(in: 0.2..<0.9), &random)
      let (a, b) = (direction(&random), direction(&random))
      // The step is a small part of the way to the boundary, in the barrier's own metric.
      let h = step / barrier.hessian(z).quadratic(b).squareRoot()
      let slope = (barrier.value(z + h * b) - barrier.value(z - h * b)) / (2 * h)
      let gradient = barrier.gradient(z)
      #expect(abs(slope - gradient.dot(b)) <= 1e-8 * (1 + largest(gradient) * largest(b)))
      let curve = (1 / (2 * h)) * (barrier.gradient(z + h * b) - barrier.gradient(z - h * b))
      let exact = barrier.hessian(z) * b
      #expect(largest(curve - exact) <= 1e-8 * (1 + largest(exact)))
      let (above, below) = (barrier.hessian(z + h * b) * a, barrier.hessian(z - h * b) * a)
      let twist = (1 / (2 * h)) * (above - below)
      let third = barrier.thirdDerivative(z, a, b)
      #expect(largest(twist - third) <= 1e-8 * (1 + largest(third)))
      #expect(largest(third - barrier.thirdDerivative(z, b, a)) <= 1e-12 * (1 + largest(third)))
    }
  }

  @Test(arguments: Kind.all, [0.5, 1e-2, 1e-4, 1e-6, 1e-8])
  func `the Hessian's parts are semidefinite and its inverse is exact`(
    _ kind: Kind, _ depth: Double
  ) {
    let barrier = kind.barrier
    var random = random(kind)
    for _ in 0..<points {
      let z = kind.dual(depth: depth, &random)
      let curvature = barrier.curvature(z)
      #expect(curvature.weight > 0)
      let a = direction(&random)
      let rest = curvature.rest
      #expect(rest.quadratic(a) >= -1e-15 * (rest.xx + rest.yy + rest.zz) * a.dot(a))
      // The error of b in the metric of ∇²f* itself, where a rounding of z is ε over the depth.
      let b = direction(&random)
      let found = barrier.solveHessian(curvature.times(b), z)
      let error = (found - b, curvature.times(found - b))
      #expect(
        error.0.dot(error.1).squareRoot() <= 1e-13 / depth * b.dot(curvature.times(b)).squareRoot())
      // The smallest eigenvalue of the inverse, of the order of the depth's square, is along ∇ψ.
      let steepest = curvature.ray
      let inverse = barrier.solveHessian(steepest, z)
      #expect(steepest.dot(inverse) > 0)
      #expect(largest(curvature.times(inverse) - steepest) <= 1e-13 / depth * largest(steepest))
    }
  }

  @Test(arguments: Kind.all)
  func `the barrier is logarithmically homogeneous of degree 3`(_ kind: Kind) {
    let barrier = kind.barrier
    var random = random(kind)
    for _ in 0..<points {
      let z = kind.dual(depth: random.uniform(in: 0.2..<0.9), &random)
      let gradient = barrier.gradient(z)
      #expect(abs(gradient.dot(z) + 3) <= 1e-12)
      #expect(largest(barrier.hessian(z) * z + gradient) <= 1e-12 * largest(gradient))
      let a = direction(&random)
      let twice = 2 * (barrier.hessian(z) * a)
      #expect(largest(barrier.thirdDerivative(z, z, a) + twice) <= 1e-11 * largest(twice))
      #expect(abs(barrier.value(2 * z) - barrier.value(z) + 3 * log(2)) <= 1e-12)
    }
  }

  @Test(arguments: Kind.all, [1.0, 1e-2, 1e-4, 1e-6, 1e-8])
  func `the dual point is the inverse of minus the gradient at every scale`(
    _ kind: Kind, _ depth: Double
  ) throws {
    let barrier = kind.barrier
    var random = random(kind)
    for exponent in stride(from: -8, through: 8, by: 2) {
      let scale = pow(10, Double(exponent))
      for _ in 0..<points {
        let s = scale * kind.primal(depth: depth * random.uniform(in: 0.3..<0.9), &random)
        #expect(barrier.contains(s))
        let z = try #require(barrier.dualPoint(s))
        #expect(barrier.contains(dual: z))
        #expect(abs(s.dot(z) - 3) <= 1e-14 * (1 + largest(s) * largest(z)))
        // f(s) is −3 − f*(z), which is known without ψ(z): that loses the digits of the depth.
        #expect(abs(barrier.proximity(s, z)) <= 1e-12 / depth)
        let other = kind.dual(depth: 0.5, &random)
        let expected = barrier.value(other) - barrier.value(z)
        #expect(abs(barrier.proximity(s, other) - expected) <= 1e-12 / depth)
        // ψ(z) loses the digits of the depth, and logarithms those of the scale.
        #expect(largest(barrier.gradient(z) + s) <= 2e-13 / depth * largest(s))
      }
    }
  }

  @Test(arguments: Kind.all)
  func `outside of the cone there is no dual point`(_ kind: Kind) {
    let barrier = kind.barrier
    var random = random(kind)
    for _ in 0..<points {
      #expect(!barrier.contains(kind.primal(depth: -random.uniform(in: 0.01..<1), &random)))
      #expect(!barrier.contains(dual: kind.dual(depth: -random.uniform(in: 0.01..<1), &random)))
    }
    if case .exponential = kind {
      #expect(barrier.dualPoint(Triple(1, 1, 1)) == nil)
    }
    let (inside, outside) = (0.3, -0.3)
    let (s, z) = (kind.primal(depth: inside, &random), kind.dual(depth: inside, &random))
    #expect(barrier.proximity(s, z).isFinite)
    #expect(barrier.proximity(kind.primal(depth: outside, &random), z) == .infinity)
    #expect(barrier.proximity(s, kind.dual(depth: outside, &random)) == .infinity)
  }

  @Test(arguments: Kind.all)
  func `the center is the fixed point of minus the gradient`(_ kind: Kind) throws {
    let barrier = kind.barrier
    let center = barrier.centerPoint
    #expect(barrier.contains(center) && barrier.contains(dual: center))
    #expect(largest(barrier.gradient(center) + center) <= 1e-15)
    #expect(abs(center.dot(center) - 3) <= 1e-15)
    let dual = try #require(barrier.dualPoint(center))
    #expect(largest(dual - center) <= 1e-15)
  }

  /// A vector of each of four cones.
  private func lanes(_ vectors: [Triple]) -> LaneVector {
    var lanes = LaneVector()
    for (lane, vector) in vectors.enumerated() {
      (lanes.x[lane], lanes.y[lane], lanes.z[lane]) = (vector.x, vector.y, vector.z)
    }
    return lanes
  }

  @Test(arguments: Kind.all, [0.5, 1e-4, 1e-8, -0.1])
  func `four cones side by side do not see each other`(_ kind: Kind, _ depth: Double) {
    var random = random(kind)
    // The others are well inside; for power cones they have another α.
    let place = 2
    let s = (0..<4).map { kind.primal(depth: $0 == place ? depth : 0.4, &random) }
    let z = (0..<4).map { kind.dual(depth: $0 == place ? depth : 0.4, &random) }
    let (a, b) = ((0..<4).map { _ in direction(&random) }, (0..<4).map { _ in direction(&random) })
    func check(_ together: some DualBarrier, _ alone: some DualBarrier) {
      let (ss, zz) = (lanes(s), lanes(z))
      let (one, own) = (s[place], LaneVector(repeating: z[place]))
      #expect(together.contains(ss)[place] == alone.contains(one))
      #expect(together.contains(dual: zz)[place] == alone.contains(dual: z[place]))
      let (psi, ownPsi) = (together.psi(zz), alone.psi(own))
      func same(_ v: LaneVector, _ w: LaneVector) {
        for k in 0..<3 { #expect(v[k][place].bitPattern == w[k][0].bitPattern) }
      }
      same(together.gradient(zz, psi), alone.gradient(own, ownPsi))
      let (aa, ownA) = (lanes(a), LaneVector(repeating: a[place]))
      let (bb, ownB) = (lanes(b), LaneVector(repeating: b[place]))
      same(together.solveHessian(aa, zz, psi), alone.solveHessian(ownA, own, ownPsi))
      same(
        together.thirdDerivative(zz, psi, aa, bb), alone.thirdDerivative(own, ownPsi, ownA, ownB))
      let (dual, isThere) = together.dualPoint(ss)
      let expected = alone.dualPoint(LaneVector(repeating: one))
      #expect(isThere[place] == expected.isThere[0] && isThere[place] == (depth > 0))
      if depth > 0 { same(dual, expected.point) }
      let proximity = together.proximity(ss, zz)[place]
      #expect(proximity.bitPattern == alone.proximity(one, z[place]).bitPattern)
    }
    switch kind {
    case .exponential: check(ExponentialBarrier(), ExponentialBarrier())
    case .power(let alpha):
      var alphas = Lanes(repeating: 0.4)
      alphas[place] = alpha
      check(
        PowerBarrier(alpha: alphas, count: 4),
        PowerBarrier(alpha: Lanes(repeating: alpha), count: 1))
    }
  }

  @Test func `the logarithmic equation is solved to the last digits at every size`() {
    for exponent in stride(from: -300.0, through: 300, by: 7) {
      // Four sizes at once: iterations go on until the last of them has its digits.
      let right = Lanes(pow(10, exponent), 3 * pow(10, exponent), 1, 20)
      let (e, logarithm) = ExponentialBarrier.solve(right)
      for lane in 0..<4 {
        #expect(abs(e[lane] + log1p(e[lane]) - right[lane]) <= 4e-16 * right[lane])
        #expect(abs(logarithm[lane] - log1p(e[lane])) <= 4e-16 * max(1, right[lane]))
      }
    }
  }

  @Test func `four logarithms are those of the library`() {
    var random = SeededGenerator(seed: 47)
    for _ in 0..<1000 {
      let x = Lanes(
        1 + 1e-3 * random.normal(), exp(700 * random.uniform(in: -1..<1)),
        exp(random.normal()), random.uniform() + 1e-300)
      let y = x.logarithm
      for lane in 0..<4 { #expect(abs(y[lane] - log(x[lane])) <= 4e-16 * abs(log(x[lane]))) }
    }
  }
}
