import Foundation
import TestSupport
import Testing

@testable import ConvexKit

/// Newton steps on the boundary of the cones, from their geometry to the solutions they end at.
@Suite struct BoundaryStepTests {
  typealias Kind = DualBarrierTests.Kind

  private func random(_ kind: Kind) -> SeededGenerator {
    SeededGenerator(seed: 53, name: kind.testDescription)
  }

  private func largest(_ v: Triple) -> Double { max(abs(v[0]), abs(v[1]), abs(v[2])) }

  /// g of the dual cone.
  private func depth(_ kind: Kind, dual z: Triple) -> Double {
    switch kind {
    case .exponential: z[1] - z[0] + z[0] * log(-z[0] / z[2])
    case .power(let alpha):
      pow(z[0] / alpha, alpha) * pow(z[1] / (1 - alpha), 1 - alpha) - abs(z[2])
    }
  }

  /// The same of the cone.
  private func depth(_ kind: Kind, _ s: Triple) -> Double {
    switch kind {
    case .exponential: s[1] * log(s[2] / s[1]) - s[0]
    case .power(let alpha): pow(s[0], alpha) * pow(s[1], 1 - alpha) - abs(s[2])
    }
  }

  private func boundary(_ kind: Kind, _ z: Triple) -> (ray: Triple, bend: Triple) {
    let boundary = kind.barrier.boundary(LaneVector(repeating: z))
    return (boundary.ray[lane: 0], boundary.bend[lane: 0])
  }

  @Test(arguments: Kind.all)
  func `ray and bend are the derivatives of the surface`(_ kind: Kind) {
    var random = random(kind)
    for _ in 0..<20 {
      let z = kind.dual(depth: 0, &random)
      let a = Triple(random.normal(), random.normal(), random.normal())
      let h = 1e-5 * min(abs(z[0]), abs(z[1]), abs(z[2])) / largest(a)
      let (ray, bend) = boundary(kind, z)
      let slope = depth(kind, dual: z + h * a) - depth(kind, dual: z - h * a)
      #expect(abs(slope / (2 * h) - ray.dot(a)) <= 1e-7 * largest(ray) * largest(a))
      let (above, below) = (boundary(kind, z + h * a).ray, boundary(kind, z - h * a).ray)
      let curve = (1 / (2 * h)) * (above - below)
      let exact = -bend.dot(a) * bend
      #expect(largest(curve - exact) <= 1e-7 * (largest(exact) + largest(ray)))
      // g is homogeneous: straight along z.
      #expect(abs(bend.dot(z)) <= 1e-14 * largest(bend) * largest(z))
    }
  }

  @Test(arguments: Kind.all)
  func `the ray is complementary, and on the boundary of the other cone`(_ kind: Kind) {
    var random = random(kind)
    for _ in 0..<20 {
      let z = kind.dual(depth: 0, &random)
      let s = random.uniform(in: 0.1..<10) * boundary(kind, z).ray
      #expect(abs(s.dot(z)) <= 1e-14 * largest(s) * largest(z))
      #expect(abs(depth(kind, s)) <= 1e-14 * largest(s))
    }
  }

  @Test(arguments: Kind.all, [-0.3, 1e-9, 0.3])
  func `points are moved onto the surface`(_ kind: Kind, _ away: Double) {
    var random = random(kind)
    for _ in 0..<20 {
      let z = kind.dual(depth: away, &random)
      let (points, isThere) = kind.barrier.ontoBoundary(dual: LaneVector(repeating: z))
      let point = points[lane: 0]
      #expect(all(isThere))
      #expect(abs(depth(kind, dual: point)) <= 4e-15 * largest(z))
      #expect((0..<3).count { point[$0] != z[$0] } == 1)
    }
    let outside = kind.barrier.ontoBoundary(dual: LaneVector(repeating: Triple(1, -1, -1)))
    #expect(!any(outside.isThere))
  }

  @Test func `tiny masses follow from their multipliers`() {
    for (v, w) in [(60.0, 1e-9), (60, -1e-9), (300, 1e-9), (600, 0)] {
      let z = LaneVector(repeating: Triple(-1, v, w))
      let (points, isThere) = ExponentialBarrier().ontoBoundary(dual: z)
      let point = points[lane: 0]
      #expect(all(isThere) && point[0] == -1 && point[1] == v)
      #expect(abs(point[2] / exp(-v - 1) - 1) <= 1e-15 * v)
    }
  }

  @Test(arguments: Kind.all)
  func `points outside are moved to a share of their former depth`(_ kind: Kind) {
    var random = random(kind)
    let share = BoundaryStep.leastShare
    for _ in 0..<20 {
      let (old, outside) = (kind.primal(depth: 0.5, &random), kind.primal(depth: -0.4, &random))
      let s = kind.barrier.inside(
        LaneVector(repeating: outside), from: LaneVector(repeating: old))[lane: 0]
      #expect(abs(depth(kind, s) / (share * depth(kind, old)) - 1) <= 1e-9)
      let (oldZ, outsideZ) = (kind.dual(depth: 0.5, &random), kind.dual(depth: -0.4, &random))
      let z = kind.barrier.inside(
        dual: LaneVector(repeating: outsideZ), from: LaneVector(repeating: oldZ))[lane: 0]
      #expect(abs(depth(kind, dual: z) / (share * depth(kind, dual: oldZ)) - 1) <= 1e-9)
      // Those inside stay.
      let kept = kind.barrier.inside(
        LaneVector(repeating: old), from: LaneVector(repeating: s))[lane: 0]
      let keptZ = kind.barrier.inside(
        dual: LaneVector(repeating: oldZ), from: LaneVector(repeating: z))[lane: 0]
      #expect(largest(kept - old) <= 1e-15 * largest(old))
      #expect(largest(keptZ - oldZ) <= 1e-15 * largest(oldZ))
    }
  }

  @Test func `bounds and second-order cones keep a thousandth of their distance`() throws {
    let arena = Arena()
    func numbers(_ values: [Double]) -> UnsafeMutablePointer<Double> {
      let pointer = arena.numbers(values.count)
      for (k, value) in values.enumerated() { pointer[k] = value }
      return pointer
    }
    let bounds = try #require(ConeBlocks.make([.nonnegative(3)]).first)
    let (s, z) = (numbers([-1, 2, 1e-9]), numbers([3, -1e-3, 0]))
    let old = (numbers([4, 1, 1e-9]), numbers([1, 2, 5]))
    #expect(bounds.retract(BoundaryStep(s: s, z: z, oldS: old.0, oldZ: old.1)))
    #expect((0..<3).map { s[$0] } == [4e-3, 2, 1e-9])
    #expect((0..<3).map { z[$0] } == [3, 2e-3, 5e-3])
    let cone = try #require(ConeBlocks.make([.secondOrder(3)]).first)
    let (head, tail) = (numbers([4, 3, 4]), numbers([9, 0, 8]))
    let former = (numbers([6, 3, 4]), numbers([10, 6, 8.0.squareRoot()]))
    #expect(cone.retract(BoundaryStep(s: head, z: tail, oldS: former.0, oldZ: former.1)))
    #expect(abs(head[0] - 5.001) <= 1e-15 * 5 && head[1] == 3 && head[2] == 4)
    #expect((0..<3).map { tail[$0] } == [9, 0, 8])
    withExtendedLifetime(arena) {}
  }

  // MARK: Where they lead

  /// The solution of min Σ x log x − cᵀx over Σ x = 1.
  private func softmax(_ c: [Double]) -> [Double] {
    let shifted = c.map { exp($0 - (c.max() ?? 0)) }
    let sum = shifted.reduce(0, +)
    return shifted.map { $0 / sum }
  }

  @Test(arguments: [0.5, 5.0, 20, 100])
  func `an entropy's solution has all of its digits`(_ spread: Double) throws {
    var random = SeededGenerator(seed: 7, name: "softmax \(spread)")
    let c = (0..<60).map { _ in spread * random.normal() }
    let x = Variable(c.count)
    let problem = try Problem(
      minimize: -1 * sum(entropy(x)) - dot(Vector(c), x), subjectTo: [sum(x) == 1])
    let solution = try problem.solve()
    let expected = softmax(c)
    #expect(solution.status == .solved)
    // A gap of 1e-12 alone would allow errors of 1e-6.
    let found = solution.value(of: x)
    for i in 0..<c.count { #expect(abs(found[i, 0] - expected[i]) <= 2e-13) }
  }

  /// What the steps need of a program, where some iterations lead, at first at the center of its cones.
  private struct Bench {
    let kkt: KKTSystem
    let residuals: Residuals
    let steps: BoundarySteps
    let point: Iterate
    let work: BoundarySteps.Work

    init(_ program: ConeProgram, iterations: Int = 0) {
      let reduction = RowReduction(program)
      let equilibrated = EquilibratedProgram(program, reduction)
      let blocks = ConeBlocks.make(reduction.cones)
      kkt = KKTSystem(equilibrated, blocks)
      residuals = Residuals(equilibrated)
      steps = BoundarySteps(
        equilibrated, blocks, kkt, residuals, Termination(settings: ConeSettings(aim: 0)))
      let (n, m) = (equilibrated.n, equilibrated.m)
      point = Iterate(n: n, m: m)
      (point.tau, point.kappa) = (1, 0.5)
      for block in blocks { block.setToCenter(point.s, point.z) }
      if iterations > 0 {
        let method = InteriorPoint(
          equilibrated, blocks, kkt, ConeSettings(iterationLimit: iterations))
        _ = method.solve(deadline: nil)
        point.copy(method.best)
      }
      work = BoundarySteps.Work(
        direction: Iterate(n: n, m: m, extraCount: kkt.extraCount),
        right: Iterate(n: n, m: m))
      residuals.update(point)
    }

    /// All numbers that the iterations go on with.
    var state: [Double] {
      let (n, m) = (point.n, point.m)
      return (0..<n).flatMap { [point.x[$0], residuals.rx[$0]] }
        + (0..<m).flatMap { [point.s[$0], point.z[$0], residuals.rz[$0]] }
        + [point.tau, point.kappa, residuals.rtau, kkt.neededRegularization]
    }
  }

  private func mixed() throws -> ConeProgram {
    var random = SeededGenerator(seed: 3, name: "boundary")
    return try RandomConeProgram(RandomConeProgram.mixed, variables: 12, &random).program()
  }

  /// Measures that say that a solution is near.
  private var near: Measures {
    var measures = Measures()
    (measures.primal, measures.dual, measures.relativeGap) = (1e-4, 1e-4, 1e-4)
    return measures
  }

  @Test func `steps that lead nowhere leave everything as it was`() throws {
    var total = 0
    for iterations in 3...9 {
      let bench = try Bench(mixed(), iterations: iterations)
      let (before, measures) = (bench.state, bench.residuals.measure(bench.point))
      /// One step at most; no solution is good enough.
      func asked() -> Int {
        var asked = 0
        let found = bench.steps.solve(from: bench.point, measures, bench.work) { steps in
          #expect(steps == asked)
          asked += 1
          return steps == 1
        }
        let isAsBefore = found == nil && bench.state == before
        #expect(isAsBefore)
        return asked
      }
      let first = asked()
      total += first
      // The next try waits until there is a gain.
      if first > 0 { #expect(asked() == 0) }
      bench.steps.reset()
      #expect(asked() == first)
    }
    #expect(total >= 4)
  }

  @Test func `away from a solution, and beside symmetric cones alone, there are none`() throws {
    var random = SeededGenerator(seed: 4, name: "boundary")
    let symmetric = try RandomConeProgram(RandomConeProgram.symmetric, variables: 12, &random)
    let benches = try [Bench(symmetric.program()), Bench(mixed()), Bench(mixed())]
    benches[2].point.kappa = 2
    var far = near
    far.primal = 1
    for (bench, measures) in zip(benches, [near, far, near]) {
      let found = bench.steps.solve(from: bench.point, measures, bench.work) { _ in
        Issue.record("a step")
        return true
      }
      #expect(found == nil)
    }
  }

  @Test func `steps count as iterations, of which there are no more than allowed`() throws {
    var random = SeededGenerator(seed: 5, name: "boundary")
    let cones = Array(repeating: Cone.exponential, count: 8)
    let program = try RandomConeProgram(cones, variables: 6, &random).program()
    let free = program.solve()
    #expect(free.status == .solved)
    for limit in free.iterations - 3...free.iterations {
      let solution = program.solve(ConeSettings(iterationLimit: limit))
      #expect(solution.iterations <= limit)
      #expect(solution.status == .solved || limit < free.iterations)
    }
  }

  @Test(arguments: 0..<20)
  func `the iterations end on the boundary, and sooner`(_ seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed), name: "boundary")
    let cones =
      Array(repeating: Cone.exponential, count: 6) + [.power(alpha: 0.3), .nonnegative(5)]
    let program = try RandomConeProgram(cones, variables: 9, &random).program()
    let solution = program.solve()
    #expect(solution.status == .solved)
    #expect(solution.residuals.largest <= 1e-11)
    #expect(solution.iterations <= 15)
    #expect(program.violation(slack: solution.slack) <= 1e-12)
    #expect(program.violation(dual: solution.dual) <= 1e-12)
  }
}
