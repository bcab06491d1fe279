import ConvexKit
import KLProjection
import TestSupport
import Testing

/// The loops over floats on pooled grids, against the same maps in Double.
struct PooledFloatTests {
  /// Fine and coarse sides: whole vectors of 2 x 2 blocks, parts of vectors, other factors.
  static let grids: [([Int], [Int])] = [
    ([32, 32], [16, 16]), ([4, 64], [2, 32]), ([8, 8], [4, 4]), ([6, 10], [3, 5]),
    ([14, 14], [7, 7]), ([12, 12], [4, 4]), ([3, 40], [1, 20]), ([5, 5], [5, 5]),
    ([1, 1], [1, 1]),
    ([9, 7], [1, 1]), ([64, 64], [16, 32]),
  ]

  @Test(arguments: grids)
  func `projections and pullbacks in Float agree with Double`(
    _ fineShape: [Int], _ coarseShape: [Int]
  ) throws {
    var random = SeededGenerator(seed: 61)
    let projection = try MarginalProjection(fine: fineShape, coarse: coarseShape)
    let (m, n) = (fineShape.reduce(1, *), coarseShape.reduce(1, *))
    for form in [AttentionForm.probabilities, .potentials] {
      for spread in [0.1, 1, 4, 12] {
        func map(_ count: Int) -> [Float] {
          (0..<count).map { _ in
            let potential = spread * random.normal()
            return Float(form == .potentials ? potential : Double.exp(potential))
          }
        }
        let (fine, coarse) = (map(3 * m), map(3 * n))
        let (dμ, dν) = (map(3 * m).map { $0 / 8 }, map(3 * n).map { $0 / 8 })
        let batch = try projection.project(fine: fine, coarse: coarse, as: form)
        let exact = try projection.project(
          fine: fine.map { Double($0) }, coarse: coarse.map { Double($0) }, as: form)
        #expect(difference(batch.fine, exact.fine) < 1e-6)
        #expect(difference(batch.coarse, exact.coarse) < 1e-6)
        for (result, exact) in zip(batch, exact) {
          #expect(result.status == .solved && result.residual < 1e-6)
          let marginal = projection.marginalization.marginal(of: result.fine.map { Double($0) })
          #expect(difference(result.coarse, marginal) <= result.residual * (1 + 1e-6))
          #expect(abs(result.optimum - exact.optimum) < 1e-6 + 1e-5 * exact.optimum)
          #expect(abs(result.gap) < 1e-6)
          #expect(difference(result.witness, exact.witness) < 1e-4)
        }
        let gradient = try batch.pullBack(fine: dμ, coarse: dν)
        let exactGradient = try exact.pullBack(
          fine: dμ.map { Double($0) }, coarse: dν.map { Double($0) })
        let largest = Double(max(dμ.map { abs($0) }.max() ?? 0, dν.map { abs($0) }.max() ?? 0))
        #expect(difference(gradient.fine, exactGradient.fine) < 1e-6 * largest)
        #expect(difference(gradient.coarse, exactGradient.coarse) < 1e-6 * largest)
      }
    }
  }

  @Test func `a small optimum keeps its digits`() throws {
    var random = SeededGenerator(seed: 62)
    let projection = try MarginalProjection(fine: [32, 32], coarse: [16, 16])
    let fine = (0..<1024).map { _ in Float(random.uniform() + 0.5) }
    let marginal = projection.marginalization.marginal(of: fine)
    for form in [AttentionForm.probabilities, .potentials] {
      let coarse = marginal.map { $0 * Float(1 + 1e-3 * random.normal()) }
      func potentials(_ map: [Float]) -> [Float] {
        form == .potentials ? map.map { .log($0) } : map
      }
      let result = try projection.project(
        fine: potentials(fine), coarse: potentials(coarse), as: form)[0]
      let exact = try projection.project(
        fine: potentials(fine).map { Double($0) }, coarse: potentials(coarse).map { Double($0) },
        as: form)[0]
      #expect(exact.optimum < 1e-6)
      #expect(abs(result.optimum - exact.optimum) < 1e-3 * exact.optimum)
    }
  }

  @Test func `zeros and numbers that floats lose go through Double`() throws {
    let projection = try MarginalProjection(fine: [4, 4], coarse: [2, 2])
    // Blocks: tiny, ordinary, zero in τ, zero in ρ.
    var fine = [Float](repeating: 0, count: 16)
    for (cell, label) in (projection.marginalization.labels ?? []).enumerated() {
      fine[cell] = [1e-30, 0.2, 0, 0.1][label]
    }
    let coarse: [Float] = [1e-30, 1e-6, 0.5, 0]
    let result = try projection.project(fine: fine, coarse: coarse)[0]
    let exact = try projection.project(
      fine: fine.map { Double($0) }, coarse: coarse.map { Double($0) })[0]
    #expect(result.coarseSupport == [true, true, false, false])
    for (ν, expected) in zip(result.coarse, exact.coarse) {
      #expect(abs(Double(ν) - expected) <= 1e-6 * expected)
    }
    #expect(result.coarse[0] > 0)
    let far = try projection.project(
      fine: fine.map { .log($0) - 500 }, coarse: coarse.map { .log($0) + 300 }, as: .potentials)[0]
    #expect(difference(far.coarse, exact.coarse) < 1e-4)
    let apart = try projection.project(
      fine: [0, 0, 0, 0, 0, 0, 0, 0, -200, 0, 0, 0, 0, 0, 0, 0].map { Float($0) - 90 },
      coarse: [-100, -120, 0, -.infinity], as: .potentials)[0]
    #expect(apart.status == .solved && apart.residual < 1e-6)
  }

  @Test(arguments: [1, 1e-12, 1e12, 1e-30])
  func `zeros and tiny numbers keep their place in whole vectors`(_ scale: Double) throws {
    var random = SeededGenerator(seed: 64)
    let projection = try MarginalProjection(fine: [32, 32], coarse: [16, 16])
    let labels = projection.marginalization.labels ?? []
    // Every third block is empty, every fifth coarse cell, and one block is nearly so.
    let fine = labels.map { block in
      block == 101 ? Float(1e-36) : block % 3 == 0 ? 0 : Float(scale * (random.uniform() + 0.01))
    }
    let coarse = (0..<256).map { $0 % 5 == 0 ? 0 : Float(random.uniform() + 0.01) }
    let result = try projection.project(fine: fine, coarse: coarse)[0]
    let exact = try projection.project(
      fine: fine.map { Double($0) }, coarse: coarse.map { Double($0) })[0]
    #expect(result.status == .solved && result.residual < 1e-6)
    #expect(abs(result.optimum - exact.optimum) < 1e-5 * exact.optimum)
    for (μ, expected) in zip(result.fine, exact.fine) {
      #expect(abs(Double(μ) - expected) <= 1e-6 * expected)
    }
    for (ν, expected) in zip(result.coarse, exact.coarse) {
      #expect(abs(Double(ν) - expected) <= 1e-6 * expected)
    }
  }

  @Test func `an entry below zero is found wherever it is`() throws {
    let projection = try MarginalProjection(fine: [32, 32], coarse: [16, 16])
    for cell in stride(from: 0, to: 1024, by: 5) {
      var fine = [Float](repeating: 1, count: 1024)
      var coarse = [Float](repeating: 1, count: 256)
      fine[cell] = -0.5
      #expect(try projection.project(fine: fine, coarse: coarse)[0].status != .solved)
      fine[cell] = 1
      coarse[cell / 4] = -0.5
      #expect(try projection.project(fine: fine, coarse: coarse)[0].status != .solved)
      fine[cell] = .nan
      coarse[cell / 4] = 1
      #expect(try projection.project(fine: fine, coarse: coarse)[0].status != .solved)
    }
  }

  @Test func `results that go past the cache are the same to the bit`() throws {
    var random = SeededGenerator(seed: 63)
    let projection = try MarginalProjection(fine: [32, 32], coarse: [16, 16])
    let count = 1700  // 8.7 MB
    let few = 3
    let fine = (0..<few * 1024).map { _ in Float(random.uniform()) }
    let coarse = (0..<few * 256).map { _ in Float(random.uniform()) }
    var (manyFine, manyCoarse): ([Float], [Float]) = ([], [])
    for index in 0..<count {
      manyFine += fine[index % few * 1024..<(index % few + 1) * 1024]
      manyCoarse += coarse[index % few * 256..<(index % few + 1) * 256]
    }
    for form in [AttentionForm.probabilities, .potentials] {
      let small = try projection.project(fine: fine, coarse: coarse, as: form)
      let large = try projection.project(fine: manyFine, coarse: manyCoarse, as: form)
      let gradient = try small.pullBack(fine: fine, coarse: coarse)
      let largeGradient = try large.pullBack(fine: manyFine, coarse: manyCoarse)
      for index in [0, 1, 850, count - 1] {
        #expect(large[index].fine == small[index % few].fine)
        #expect(large[index].coarse == small[index % few].coarse)
        #expect(large[index].summary == small[index % few].summary)
        let place = index % few * 1024
        #expect(
          largeGradient.fine[index * 1024..<(index + 1) * 1024]
            .elementsEqual(gradient.fine[place..<place + 1024]))
      }
    }
  }

  private func difference(_ a: [Float], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
  }
}
