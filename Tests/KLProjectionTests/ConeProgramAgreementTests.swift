import ConvexKit
import KLProjection
import TestSupport
import Testing

/// Eq. 4 as a model of ConvexKit, solved by a path that knows nothing of this module: atoms, a cone
/// program with 1280 exponential cones, the interior point.
@Suite struct ConeProgramAgreementTests {
  private static let cases = KLCase.solvable.filter {
    $0.fine_shape == [32, 32] && $0.coarse_shape == [16, 16] && $0.B == nil
      && ($0.dist?.names == ["peaky"] || $0.dist?.names == ["mild"]) && $0.isPartition
  }

  @Test func `there are cases`() {
    #expect(Self.cases.contains { $0.dist?.names == ["peaky"] })
  }

  @Test(arguments: cases)
  func `the interior point agrees with the projection`(_ instance: KLCase) throws {
    let arrays = try instance.arrays()
    let expected = try instance.project(arrays)[0]
    let weights = instance.weights ?? [1, 1]
    let labels = try arrays.integers("labels")
    // Columns of A are unit vectors, so that its transpose has one entry in each row.
    let a = try SparseMatrix(
      rows: labels.count, columns: instance.n ?? 0, rowStarts: Array(0...labels.count),
      columnIndices: labels, values: [Double](repeating: 1, count: labels.count)
    ).transposed
    let (τ, ρ) = (try arrays["tau"], try arrays["rho"])
    let (μ, ν) = (Variable(τ.count, name: "mu"), Variable(ρ.count, name: "nu"))
    let problem = try Problem(
      minimize: weights[0] * relativeEntropy(μ, Vector(τ))
        + weights[1] * relativeEntropy(ν, Vector(ρ)),
      subjectTo: [a * μ == ν, sum(μ) == 1])
    let solution = try problem.solve()
    #expect(solution.status == .solved)
    #expect(relativeDifference(solution.objective, expected.optimum) < 1e-7)
    #expect(
      maximumAbsoluteDifference(solution.value(of: μ).elements, expected.fine) < 1e-7)
    #expect(
      maximumAbsoluteDifference(solution.value(of: ν).elements, expected.coarse) < 1e-7)
  }
}
