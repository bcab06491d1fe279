import ConvexKit
import Testing
import TestSupport

@Suite struct ModelTests {
  @Test func `every modelled problem of the fixtures is built here`() throws {
    #expect(Set(try ModelCase.all().map(\.name)) == Set(ModelFixtures.all.keys))
  }

  @Test(arguments: try ModelCase.all())
  func `modelled problems have the optimum, solution and multipliers of the references`(
    _ reference: ModelCase
  ) throws {
    let data = try reference.data()
    let build = try #require(ModelFixtures.all[reference.name])
    let model = try build(data)
    // Tighter than the comparison: a gap of 1e-8 leaves flat objectives' solutions 1e-4 apart.
    let tolerances = ConeTolerances(feasibility: 1e-9, gap: 1e-10, infeasibility: 1e-8)
    let solution = try model.problem.solve(ConeSettings(tolerances: tolerances))
    switch reference.status {
    case "infeasible": #expect(solution.status == .primalInfeasible)
    case "unbounded": #expect(solution.status == .dualInfeasible)
    default: #expect(solution.status == .solved)
    }
    guard let optimum = reference.optimum else {
      #expect(!solution.objective.isFinite)
      return
    }
    let tolerance = max(1e-7, reference.rtol ?? 0)
    #expect(relativeDifference(model.optimum(solution.objective), optimum) <= tolerance)
    #expect(Set(model.unknowns.keys) == Set(reference.variables.keys))
    for (name, unknown) in reference.variables where unknown.unique == true {
      let expression = try #require(model.unknowns[name])
      let array = try #require(unknown.solution)
      let expected = try data.matrix(array)
      let scale = max(1, expected.vector.infinityNorm)
      let value = solution.value(of: expression)
      #expect(maximumAbsoluteDifference(value.elements, expected.elements) <= 1e-5 * scale, "\(name)")
    }
    #expect(Set(model.duals.keys) == Set((reference.duals ?? [:]).keys))
    for (name, dual) in reference.duals ?? [:] {
      let constraint = try #require(model.duals[name])
      let expected = try data.matrix(dual.array)
      let scale = max(1, expected.vector.infinityNorm)
      let value = solution.dual(of: constraint)
      #expect(maximumAbsoluteDifference(value.elements, expected.elements) <= 1e-5 * scale, "\(name)")
    }
  }
}
