import ConvexKit
import Explanations
import Foundation
import KLProjection
import MedicalImages
import Networks
import TestSupport
import Testing

@testable import Experiments

@Suite struct MapMakerTests {
  private func withStudy(_ body: (PerturbationStudy) throws -> Void) throws {
    try withTemporaryDirectory { folder in
      try ExampleData.writeProjections(to: folder)
      var configuration = ExampleData.perturbation()
      configuration.images.height = 64
      configuration.images.width = 64
      try body(
        PerturbationStudy(
          ProjectionDataset(folder: folder, rules: configuration.images.rules), configuration))
    }
  }

  private func maps(
    _ method: Method, _ study: PerturbationStudy, _ range: Range<Int> = 0..<2, start: Int = 0
  ) throws -> MapMaker.Maps {
    let model = try study.makeNetwork(method.network, seed: 1)
    model.setTraining(false)
    return try MapMaker(method, of: model, in: study, seed: 1)
      .maps(study.batch(range).images, target: .predicted, start: start)
  }

  @Test func `every method has maps of its blocks' cells`() throws {
    try withStudy { study in
      for method in study.methods {
        let found = try maps(method, study).maps
        #expect(found.keys.sorted() == method.blocks)
        for block in method.blocks {
          #expect(found[block]?.shape == [2, 1] + study.grid(of: block), "\(method)")
        }
      }
      #expect(study.grid(of: .third) == [4, 4] && study.grid(of: .fourth) == [2, 2])
    }
  }

  @Test func `CVX's maps agree, and those they come from do not`() throws {
    try withStudy { study in
      func disagreement(_ method: Method) throws -> Float {
        let found = try maps(method, study).maps
        let fine = try #require(found[.third]).summed(toCells: [2, 2]).elements
        let coarse = try #require(found[.fourth]).elements
        return zip(fine, coarse).map { abs($0 - $1) }.max() ?? 0
      }
      let (exact, free) = (try disagreement(.cvx), try disagreement(.unconstrained))
      #expect(exact < 1e-6 && free > 1e-5)
    }
  }

  @Test func `methods that explain pixels give distributions, the same mass at both blocks`() throws
  {
    try withStudy { study in
      for method in [Method.deepLIFT, .lrp, .gradientTimesInput] {
        let found = try maps(method, study).maps
        let fine = try #require(found[.third])
        #expect(abs(fine.elements.reduce(0, +) - 2) < 1e-4)
        let pooled = try fine.summed(toCells: [2, 2]).elements
        for (a, b) in zip(pooled, try #require(found[.fourth]).elements) {
          #expect(abs(a - b) < 1e-5)
        }
      }
    }
  }

  @Test func `a random order depends on the image alone, not on its batch`() throws {
    try withStudy { study in
      let both = try #require(try maps(.random, study, 0..<2).maps[.third]).elements
      let second = try #require(try maps(.random, study, 1..<2, start: 1).maps[.third]).elements
      #expect(Array(both[16...]) == second && Array(both[..<16]) != second)
    }
  }

  @Test func `a network in training is refused`() throws {
    try withStudy { study in
      let model = try study.makeNetwork(.baseline, seed: 1)
      model.setTraining(true)
      #expect(throws: ExplanationError.inTraining(layer: "bn1.mode")) {
        try MapMaker(.lrp, of: model, in: study, seed: 1)
      }
    }
  }
}
