import ConvexKit
import TestSupport
import Testing

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
    #if !GLPK
      if model.problem.isInteger {
        #expect(throws: ModelingError.self) { try model.problem.solve() }
        return
      }
    #endif
    let solution = try model.problem.solve()
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
    // A gap of 1e-8 leaves the solutions of flat objectives 1e-4 apart: as far as the solver gets.
    let tolerances = ConeTolerances(feasibility: 1e-9, gap: 1e-10, infeasibility: 1e-8)
    let sharp = try model.problem.solve(
      ConeSettings(tolerances: tolerances, reducedTolerances: .full))
    #expect(sharp.status == .solved || sharp.status == .solvedToReducedAccuracy)
    #expect(Set(model.unknowns.keys) == Set(reference.variables.keys))
    for (name, unknown) in reference.variables where unknown.unique == true {
      let expression = try #require(model.unknowns[name])
      let array = try #require(unknown.solution)
      let expected = try data.matrix(array)
      let scale = max(1, expected.vector.infinityNorm)
      let value = sharp.value(of: expression)
      #expect(
        maximumAbsoluteDifference(value.elements, expected.elements) <= 1e-5 * scale, "\(name)")
    }
    #expect(Set(model.duals.keys) == Set((reference.duals ?? [:]).keys))
    for (name, dual) in reference.duals ?? [:] {
      let constraint = try #require(model.duals[name])
      let expected = try data.matrix(dual.array)
      let scale = max(1, expected.vector.infinityNorm)
      let value = sharp.dual(of: constraint)
      #expect(
        maximumAbsoluteDifference(value.elements, expected.elements) <= 1e-5 * scale, "\(name)")
    }
  }
}
