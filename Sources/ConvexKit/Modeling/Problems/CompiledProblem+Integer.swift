extension CompiledProblem {
  /// Solves a problem with integer variables, which is linear, by branch and cut.
  func integerSolution(
    _ program: ConeProgram, _ constant: Double, _ parameters: Assignment
  ) throws(ModelingError) -> Solution {
    #if GLPK
      var settings = integerSettings ?? MixedIntegerSettings()
      if integerSettings == nil {
        settings.timeLimit = self.settings.timeLimit
        settings.isCancelled = self.settings.isCancelled
      }
      do {
        let found = try CompiledProblem.search(program, problem.form.integers, settings)
        return Solution(
          problem, program, found, constant: constant, parameters: parameters)
      } catch {
        throw .refused(message: "\(error)")
      }
    #else
      throw .refused(message: "integer variables need GLPK, which this build leaves out")
    #endif
  }

  #if GLPK
    private static func search(
      _ program: ConeProgram, _ integers: [Int], _ settings: MixedIntegerSettings
    ) throws(LinearProgramError) -> MixedIntegerSolution {
      guard let form = LinearForm(program) else {
        throw .refused(message: "the program is not linear")
      }
      if form.contradiction != nil {
        return MixedIntegerSolution(
          status: .primalInfeasible, incumbent: nil, objective: nil, bound: .infinity, nodes: 0,
          iterations: 0, certificate: nil)
      }
      let relaxation = try LinearProgram(
        minimize: program.linear, rows: form.matrix, rowBounds: form.rowBounds,
        variableBounds: form.bounds)
      return try MixedIntegerProgram(relaxation, integers: integers).solve(settings)
    }
  #endif
}
