import ConvexKit
import KLProjection
import TestSupport
import Testing

struct GradientTests {
  @Test(arguments: KLCase.solvable.filter { $0.gradients == true })
  func `vector-Jacobian products and the optimum's gradient match the reference`(
    _ item: KLCase
  ) throws {
    let arrays = try item.arrays()
    for method in [ProjectionSettings.Method.automatic, .newton] {
      let batch = try item.project(arrays, method: method)
      let gradient = try batch.pullBack(fine: arrays["mu_bar"], coarse: arrays["nu_bar"])
      #expect(maximumAbsoluteDifference(gradient.fine, try arrays["vjp_phi_f"]) < 1e-12)
      #expect(maximumAbsoluteDifference(gradient.coarse, try arrays["vjp_phi_c"]) < 1e-12)
      #expect(gradient.residuals.allSatisfy { $0 < 1e-12 })
      #expect(gradient.errors.allSatisfy { $0 == nil })
      let value = batch.optimumGradients()
      #expect(maximumAbsoluteDifference(value.fine, try arrays["dvalue_phi_f"]) < 1e-12)
      #expect(maximumAbsoluteDifference(value.coarse, try arrays["dvalue_phi_c"]) < 1e-12)
    }
  }

  @Test(arguments: KLCase.solvable.filter { $0.gradients == true && $0.B == nil })
  func `single precision gradients are single precision accurate`(_ item: KLCase) throws {
    let arrays = try item.arrays()
    for method in [ProjectionSettings.Method.automatic, .newton] {
      let result = try item.projection(arrays, method: method).project(
        fine: arrays.floats("phi_f"), coarse: arrays.floats("phi_c"), as: .potentials)[0]
      let gradient = try result.pullBack(
        fine: arrays.floats("mu_bar"), coarse: arrays.floats("nu_bar"))
      #expect(maximumAbsoluteDifference(gradient.fine, try arrays.floats("vjp_phi_f")) < 1e-5)
      #expect(maximumAbsoluteDifference(gradient.coarse, try arrays.floats("vjp_phi_c")) < 1e-5)
    }
  }

  @Test(arguments: RandomInstance.Family.allCases)
  func `gradients agree with central differences`(_ family: RandomInstance.Family) throws {
    let instance = try RandomInstance(family, seed: 3, spread: 1)
    var random = SeededGenerator(seed: 4)
    let fine = instance.fine.map { _ in random.normal() }
    let coarse = instance.coarse.map { _ in random.normal() }
    let result = try instance.project()
    let gradient = try result.pullBack(fine: fine, coarse: coarse)
    let value = try result.optimumGradient()

    func moved(_ step: Double) throws -> (product: Double, optimum: Double) {
      let result = try instance.moved(by: step).project()
      let product =
        zip(fine, result.fine).reduce(0) { $0 + $1.0 * $1.1 }
        + zip(coarse, result.coarse).reduce(0) { $0 + $1.0 * $1.1 }
      return (product, result.optimum)
    }
    let step = 1e-4
    let (up, down) = (try moved(step), try moved(-step))
    let direction = instance.direction
    func along(_ gradient: PotentialGradient<Double>) -> Double {
      zip(gradient.fine, direction.fine).reduce(0) { $0 + $1.0 * $1.1 }
        + zip(gradient.coarse, direction.coarse).reduce(0) { $0 + $1.0 * $1.1 }
    }
    #expect(abs(along(gradient) - (up.product - down.product) / (2 * step)) < 1e-7)
    #expect(abs(along(value) - (up.optimum - down.optimum) / (2 * step)) < 1e-7)
  }

  @Test func `a batch's unsolved samples get a zero gradient and an error, the others theirs`()
    throws
  {
    let projection = try MarginalProjection(fine: [4], coarse: [2])
    let batch = try projection.project(
      fine: [0.1, 0.2, 0.3, 0.4, .nan, 1, 1, 1, 1, 1, 0, 0],
      coarse: [0.5, 0.5, 0.5, 0.5, 0, 1])
    let cotangent = [1.0, -1, 2, 0]
    let gradients = try batch.pullBack(
      fine: cotangent + cotangent + cotangent, coarse: [1, 2, 1, 2, 1, 2])
    let alone = try batch[0].pullBack(fine: cotangent, coarse: [1, 2])
    #expect(
      Array(gradients.fine[..<4]) == alone.fine && Array(gradients.coarse[..<2]) == alone.coarse)
    #expect(gradients.fine[4...].allSatisfy { $0 == 0 })
    #expect(gradients.errors[0] == nil)
    #expect(gradients.errors[1] == .notANumber(operand: "fine", index: 0))
    #expect(gradients.errors[2] == .notSolved(residual: .infinity))
    #expect(throws: ProjectionError.notSolved(residual: .infinity)) {
      try batch[2].pullBack(fine: cotangent, coarse: [1, 2])
    }
    #expect(throws: ProjectionError.notSolved(residual: .infinity)) {
      try batch[2].optimumGradient()
    }
    #expect(throws: ProjectionError.notANumber(operand: "fine", index: 0)) {
      try batch[1].pullBack(fine: cotangent, coarse: [1, 2])
    }
  }

  @Test func `a point short of the tolerance has no derivative`() throws {
    var instance = try RandomInstance(.tent3, seed: 5, spread: 6)
    instance.settings.maximumIterations = 1
    let result = try instance.project()
    #expect(result.status == .iterationLimit && result.iterations == 1)
    #expect(result.residual > 0 && result.gap > 0)
    // It is a feasible point and a bound nevertheless.
    let optimum = try RandomInstance(.tent3, seed: 5, spread: 6).project().optimum
    #expect(result.dualValue <= optimum && optimum <= result.optimum)
    #expect(throws: ProjectionError.notSolved(residual: result.residual)) {
      try result.pullBack(fine: instance.fine, coarse: instance.coarse)
    }
  }

  @Test func `cotangents of another shape are refused`() throws {
    let result = try MarginalProjection(fine: [4], coarse: [2]).project(
      fine: [0.1, 0.2, 0.3, 0.4], coarse: [0.5, 0.5])[0]
    #expect(
      throws: ProjectionError.shapeMismatch(
        operand: "fine cotangent", expected: [1, 4], actual: [3])
    ) { try result.pullBack(fine: [1, 2, 3], coarse: [1, 2]) }
    #expect(
      throws: ProjectionError.shapeMismatch(
        operand: "coarse cotangent", expected: [1, 2], actual: [1])
    ) { try result.pullBack(fine: [1, 2, 3, 4], coarse: [1]) }
  }
}
