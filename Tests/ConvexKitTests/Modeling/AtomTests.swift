import ConvexKit
import TestSupport
import Testing

/// Atoms where the optimum over the epigraph or hypograph must be the atom's value.
@Suite struct AtomTests {
  private static let convex:
    [(name: String, positive: Bool, atom: @Sendable (Variable) -> ConvexKit.Expression)] = [
      ("abs", false, { sum(abs($0)) }), ("positivePart", false, { sum(positivePart($0)) }),
      ("negativePart", false, { sum(negativePart($0)) }), ("max", false, { max($0) }),
      ("max of several", false, { sum(max($0, 0.3, -$0, 2 * $0 - 1)) }),
      ("sumLargest", false, { sumLargest($0, 2) }), ("norm1", false, { norm1($0) }),
      ("norm2", false, { norm2($0) }), ("normInf", false, { normInf($0) }),
      ("norm 3", false, { norm($0, 3) }), ("norm 1.5", false, { norm($0, 1.5) }),
      ("totalVariation", false, { totalVariation($0) }), ("square", false, { sum(square($0)) }),
      ("sumSquares", false, { sumSquares($0) }),
      ("inversePositive", true, { sum(inversePositive($0)) }),
      ("power 4", false, { sum(power($0, 4)) }), ("power 3", true, { sum(power($0, 3)) }),
      ("power 1.5", true, { sum(power($0, 1.5)) }), ("power -2", true, { sum(power($0, -2)) }),
      ("power -0.5", true, { sum(power($0, -0.5)) }), ("exp", false, { sum(exp($0)) }),
      ("logistic", false, { sum(logistic($0)) }), ("logSumExp", false, { logSumExp($0) }),
      ("huber", false, { sum(huber($0, 0.7)) }),
      ("quadOverLin", true, { quadOverLin($0[1...], $0[0]) }),
      ("quadForm", false, { quadForm($0, AtomTests.semidefinite) }),
      ("relativeEntropy", true, { relativeEntropy($0[..<2], $0[2...]) }),
      ("relativeEntropy to data", true, { relativeEntropy($0, Vector([0.3, 1e-9, 2, 1])) }),
      ("relativeEntropy of data", true, { relativeEntropy(Vector([0.3, 0, 2, 1]), $0) }),
      ("klDivergence", true, { klDivergence($0, Vector([0.3, 1, 2, 1])) }),
    ]

  private static let concave: [(name: String, atom: @Sendable (Variable) -> ConvexKit.Expression)] =
    [
      ("min", { min($0) }), ("min of several", { sum(min($0, 0.3, -$0)) }),
      ("sumSmallest", { sumSmallest($0, 3) }), ("sqrt", { sum(sqrt($0)) }),
      ("power 0.3", { sum(power($0, 0.3)) }), ("log", { sum(log($0)) }),
      ("entropy", { entropy($0) }),
      ("geometricMean", { geometricMean($0) }), ("geometricMean of 2", { geometricMean($0[..<2]) }),
      ("harmonicMean", { harmonicMean($0) }),
      ("quadForm", { -quadForm($0, AtomTests.semidefinite) }),
      ("quadForm of −Q", { quadForm($0, (-AtomTests.semidefinite.expression)) }),
    ]

  /// Of rank 2.
  private static let semidefinite = Matrix<Double>(rows: 4, columns: 4) { i, j in
    Double((i + 1) * (j + 1)) + (i < 2 && j < 2 ? 1 : 0)
  }

  private func point(_ positive: Bool, _ seed: UInt64) -> Vector<Double> {
    var generator = SeededGenerator(seed: seed)
    return Vector(
      (0..<4).map { _ in positive ? 0.1 + 2 * generator.uniform() : generator.normal() })
  }

  private let tight = ConeSettings(
    tolerances: ConeTolerances(feasibility: 1e-9, gap: 1e-10, infeasibility: 1e-8))

  @Test(arguments: convex.indices)
  func `a convex atom's epigraph touches its value, in the objective and in constraints`(
    index: Int
  ) throws {
    let (name, positive, atom) = Self.convex[index]
    let (x, t, at) = (Variable(4, name: "x"), Variable(name: "t"), point(positive, UInt64(index)))
    let f = atom(x)
    #expect(f.curvature == .convex)
    let value = try f.value(at: [x: at]).scalar
    let scale = max(1, abs(value))
    let direct = try Problem(minimize: f, subjectTo: [x == at]).solve(tight)
    #expect(direct.status == .solved, "\(name)")
    #expect(abs(direct.objective - value) < 1e-6 * scale, "\(name)")
    let epigraph = try Problem(minimize: t, subjectTo: [f <= t, x == at]).solve(tight)
    #expect(epigraph.status == .solved, "\(name)")
    #expect(abs(epigraph.objective - value) < 1e-6 * scale, "\(name)")
    let below = try Problem(minimize: 0, subjectTo: [f <= value - 0.01 * scale, x == at])
    #expect(try below.solve().status == .primalInfeasible, "\(name)")
  }

  @Test(arguments: concave.indices)
  func `a concave atom's hypograph touches its value, in the objective and in constraints`(
    index: Int
  ) throws {
    let (name, atom) = Self.concave[index]
    let (x, t, at) = (Variable(4, name: "x"), Variable(name: "t"), point(true, UInt64(index + 50)))
    let f = atom(x)
    #expect(f.curvature == .concave)
    let value = try f.value(at: [x: at]).scalar
    let scale = max(1, abs(value))
    let direct = try Problem(maximize: f, subjectTo: [x == at]).solve(tight)
    #expect(direct.status == .solved, "\(name)")
    #expect(abs(direct.objective - value) < 1e-6 * scale, "\(name)")
    let hypograph = try Problem(maximize: t, subjectTo: [f >= t, x == at]).solve(tight)
    #expect(hypograph.status == .solved, "\(name)")
    #expect(abs(hypograph.objective - value) < 1e-6 * scale, "\(name)")
    let above = try Problem(minimize: 0, subjectTo: [f >= value + 0.01 * scale, x == at])
    #expect(try above.solve().status == .primalInfeasible, "\(name)")
  }

  @Test func `quadratic terms of an objective need no cones`() throws {
    let x = Variable(4, name: "x")
    let problem = try Problem(
      maximize: 3 - 2 * sumSquares(x) - quadForm(x, Self.semidefinite) / 2
        - dot(Vector([1, 2, 3, 4]), square(x)) - sum(huber(x)) - quadOverLin(x, 3) + sum(x))
    let program = try problem.coneProgram()
    for cone in program.cones {
      switch cone {
      case .zero, .nonnegative: break
      default: Issue.record("\(cone)")
      }
    }
    let solution = try problem.solve()
    #expect(solution.status == .solved)
    #expect(abs(solution.objective - solution.value(of: problem.objective).scalar) < 1e-7)
  }

  @Test func `an unwanted entry is an infinite value, not a trap`() throws {
    let x = Variable(2, name: "x")
    for (atom, value) in [
      (sum(inversePositive(x)), Double.infinity), (geometricMean(x), -.infinity),
      (sum(power(x, 1.5)), .infinity), (entropy(x), -.infinity), (sum(power(x, 0.5)), .nan),
    ] {
      let found = try atom.value(at: [x: Vector([-1, 1])]).scalar
      #expect(found == value || found.isNaN && value.isNaN)
    }
  }
}
