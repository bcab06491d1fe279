import KLProjection
import TestSupport
import Testing

/// Against reference values computed with 50 digits.
struct ExactnessTests {
  @Test(arguments: KLCase.solvable)
  func `solutions from potentials match the reference`(_ item: KLCase) throws {
    let arrays = try item.arrays()
    try check(item, arrays, item.project(arrays))
  }

  @Test(arguments: KLCase.solvable)
  func `Newton lands on the reference wherever it is applied`(_ item: KLCase) throws {
    let arrays = try item.arrays()
    let batch = try item.project(arrays, method: .newton)
    try check(item, arrays, batch)
    for result in batch { #expect(result.method == .newton) }
    if !item.isExtreme {
      for result in batch { #expect(result.iterations <= 12) }
    }
  }

  @Test(arguments: KLCase.solvable.filter { $0.data == "potentials" && $0.B == nil })
  func `solutions from rounded probabilities match the reference`(_ item: KLCase) throws {
    let arrays = try item.arrays()
    for method in [ProjectionSettings.Method.automatic, .newton] {
      let result = try item.projection(arrays, method: method).project(
        fine: arrays["tau"], coarse: arrays["rho"])[0]
      #expect(result.status == .solved)
      #expect(maximumAbsoluteDifference(result.fine, try arrays["mu"]) < 1e-12)
      #expect(maximumAbsoluteDifference(result.coarse, try arrays["nu"]) < 1e-12)
      #expect(relativeDifference(result.optimum, try arrays["objective"][0]) < 1e-12)
    }
  }

  @Test(arguments: KLCase.solvable.filter { $0.data == "potentials" })
  func `single precision potentials give single precision solutions`(_ item: KLCase) throws {
    let arrays = try item.arrays()
    for method in [ProjectionSettings.Method.automatic, .newton] {
      let batch = try item.projection(arrays, method: method).project(
        fine: arrays.floats("phi_f"), coarse: arrays.floats("phi_c"), as: .potentials)
      for result in batch { #expect(result.status == .solved) }
      #expect(maximumAbsoluteDifference(batch.fine, try arrays.floats("mu")) < 1e-5)
      #expect(maximumAbsoluteDifference(batch.coarse, try arrays.floats("nu")) < 1e-5)
      for (index, result) in batch.enumerated() {
        #expect(relativeDifference(result.optimum, try arrays["objective"][index]) < 1e-5)
      }
    }
  }

  @Test(arguments: KLCase.all.filter { $0.levels == 2 && $0.expected_status == "infeasible" })
  func `an infeasible sample says so, without a NaN`(_ item: KLCase) throws {
    let arrays = try item.arrays()
    for method in [ProjectionSettings.Method.automatic, .newton] {
      let result = try item.project(arrays, method: method)[0]
      #expect(result.status == .infeasible)
      #expect(result.optimum == .infinity && result.dualValue == .infinity)
      #expect(!result.gap.isNaN && !result.residual.isNaN)
      #expect(result.fine.allSatisfy { $0 == 0 } && result.coarse.allSatisfy { $0 == 0 })
      #expect(result.witness.allSatisfy { $0 == 0 })
      #expect(!result.fineSupport.contains(true) && !result.coarseSupport.contains(true))
    }
  }

  private func check(
    _ item: KLCase, _ arrays: KLArrays, _ batch: ProjectionBatch<Double>
  ) throws {
    for result in batch {
      #expect(result.status == .solved)
      #expect(result.residual < 1e-14)
      #expect(abs(result.gap) < 1e-12 * max(1, result.optimum))
    }
    #expect(maximumAbsoluteDifference(batch.fine, try arrays["mu"]) < 1e-12)
    #expect(maximumAbsoluteDifference(batch.coarse, try arrays["nu"]) < 1e-12)
    for (index, optimum) in try arrays["objective"].enumerated() {
      let scale = optimum == 0 ? 1 : optimum
      #expect(abs(batch[index].optimum - optimum) < 1e-12 * scale)
    }
    let witness = batch.flatMap { $0.witness }
    let λ = try arrays["lambda"]
    let largest = λ.reduce(0) { max($0, abs($1)) }
    #expect(maximumAbsoluteDifference(witness, λ) < 1e-12 * (1 + largest))
    if arrays.has("log_mu") {
      let logFine = zip(batch.flatMap { $0.logFine }, try arrays["log_mu"])
      #expect(logFine.allSatisfy { abs($0 - $1) < 1e-12 * (1 + abs($1)) })
      let logCoarse = zip(batch.flatMap { $0.logCoarse }, try arrays["log_nu"])
      #expect(logCoarse.allSatisfy { abs($0 - $1) < 1e-12 * (1 + abs($1)) })
    }
    let fineSupport = arrays.has("mu_support") ? try arrays["mu_support"] : []
    let coarseSupport = arrays.has("nu_support") ? try arrays["nu_support"] : []
    #expect(
      batch[0].fineSupport.enumerated().allSatisfy { index, isCarrying in
        isCarrying == (fineSupport.isEmpty || fineSupport[index] == 1)
      })
    #expect(
      batch[0].coarseSupport.enumerated().allSatisfy { index, isCarrying in
        isCarrying == (coarseSupport.isEmpty || coarseSupport[index] == 1)
      })
  }
}
