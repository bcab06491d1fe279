import Foundation
import Networks
import TestSupport
import Testing

@Suite struct LearningRateScheduleTests {
  @Test(arguments: try ReferenceData.cases("optim", "plateau."))
  func `plateaus lower the rate when PyTorch's do`(_ reference: FixtureCase) throws {
    let attributes = reference.attrs
    var schedule = ReduceLROnPlateau(
      mode: try #require(.init(rawValue: attributes["mode"]?.string ?? "min")),
      factor: attributes["factor"]?.double ?? 0.1, patience: attributes["patience"]?.int ?? 10,
      threshold: attributes["threshold"]?.double ?? 1e-4,
      thresholdMode: try #require(.init(rawValue: attributes["threshold_mode"]?.string ?? "rel")),
      cooldown: attributes["cooldown"]?.int ?? 0, minLR: attributes["min_lr"]?.double ?? 0,
      eps: attributes["eps"]?.double ?? 1e-8)
    var rate = try #require(attributes["lr"]?.double)
    let metrics = try #require(reference.numbers?["metrics"]?.doubles)
    let expected = try #require(reference.numbers?["lr_after"]?.doubles)
    #expect(metrics.count == expected.count)
    for (metric, expected) in zip(metrics, expected) {
      rate = schedule.step(metric, learningRate: rate)
      #expect(abs(rate - expected) <= 1e-9 * expected)
    }
  }

  @Test(arguments: try ReferenceData.cases("optim", "cosine."))
  func `cosines follow PyTorch's, past the end and through restarts`(
    _ reference: FixtureCase
  ) throws {
    let attributes = reference.attrs
    let cosine = CosineAnnealing(
      learningRate: try #require(attributes["lr"]?.double),
      tMax: try #require((attributes["T_max"] ?? attributes["T_0"])?.int),
      etaMin: attributes["eta_min"]?.double ?? 0, tMult: attributes["T_mult"]?.int)
    let expected = try #require(reference.numbers?["lr"]?.doubles)
    for (epoch, expected) in expected.enumerated() {
      #expect(abs(cosine.rate(at: epoch) - expected) <= 1e-6 * expected + 1e-12)
    }
  }

  @Test func `a plateau counts a metric that is not a number as not better`() {
    var schedule = ReduceLROnPlateau(factor: 0.5, patience: 1)
    var rates: [Double] = []
    var rate = 1.0
    for metric in [1, .nan, .nan, 0.5] {
      rate = schedule.step(metric, learningRate: rate)
      rates.append(rate)
    }
    #expect(rates == [1, 1, 0.5, 0.5])
    #expect(schedule.best == 0.5)
  }

  @Test func `a change of at most eps is not made, yet the cooldown starts`() {
    var schedule = ReduceLROnPlateau(factor: 0.5, patience: 0, cooldown: 3, eps: 0.5)
    #expect(schedule.step(1, learningRate: 1) == 1)
    #expect(schedule.step(1, learningRate: 1) == 1)
    #expect(schedule.cooldownCounter == 3)
  }

  @Test func `a schedule read back from its encoding goes on the same`() throws {
    var schedule = LearningRateSchedule.plateau(ReduceLROnPlateau(factor: 0.3, patience: 1))
    var rate = 0.1
    for epoch in 0..<3 {
      rate = schedule.rate(afterEpoch: epoch, metric: 0.7 + 0.1 * Double(epoch), learningRate: rate)
    }
    var copy = try JSONDecoder().decode(
      LearningRateSchedule.self, from: JSONEncoder().encode(schedule))
    #expect(copy == schedule)
    for epoch in 3..<6 {
      let next = schedule.rate(afterEpoch: epoch, metric: 0.9, learningRate: rate)
      #expect(copy.rate(afterEpoch: epoch, metric: 0.9, learningRate: rate) == next)
      rate = next
    }
    #expect(rate < 0.1)
  }

  @Test func `a cosine starts at the rate, ends at the minimum, and restarts where it is told`() {
    let once = CosineAnnealing(learningRate: 2, tMax: 10, etaMin: 1)
    #expect([0, 5, 10, 20].map(once.rate(at:)) == [2, 1.5, 1, 2])
    let again = CosineAnnealing(learningRate: 2, tMax: 2, etaMin: 0, tMult: 3)
    #expect([0, 2, 8, 26].map(again.rate(at:)) == [2, 2, 2, 2])
    #expect(again.rate(at: 5) == 1)
  }

  @Test func `a constant schedule keeps the rate`() {
    var schedule = LearningRateSchedule.constant
    #expect(schedule.rate(afterEpoch: 3, metric: 1, learningRate: 0.25) == 0.25)
  }
}
