import Foundation
import Networks

// For each consistent method c and each seed s,
//
//     d_s = score_s(c) − score_s(Unconstrained)                                              (1)
//
// on the same images with the same starting weights. A difference is called clear when its mean is
// more than twice its standard error: with five seeds that is a rule of thumb, not a test.

/// What consistency does to a metric, by differences within a seed.
public struct ConsistencyEffect: Sendable, Equatable {
  /// The consistent method.
  public let method: Method
  /// Where.
  public let block: Block
  /// By what.
  public let metric: Metric
  /// Equation (1), one for each seed.
  public let differences: [Double]

  /// Mean and deviation over the seeds.
  public var spread: Spread? { Spread.ofAny(differences) }

  /// How the mean compares with twice its standard error.
  public var verdict: Verdict {
    guard let spread, spread.count > 1 else { return .unclear }
    let error = spread.standardDeviation / Double(spread.count).squareRoot()
    guard abs(spread.mean) > 2 * error, spread.mean != 0 else { return .unclear }
    return spread.mean > 0 ? .better : .worse
  }

  /// What a difference says.
  public enum Verdict: Sendable, Equatable {
    /// More than twice the standard error above 0.
    case better
    /// More than twice the standard error below 0.
    case worse
    /// Neither, or a single seed.
    case unclear
  }
}

extension ExperimentResults {
  /// Equation (1) for every consistent method, block and metric.
  public var effects: [ConsistencyEffect] {
    let consistent = methods.filter { $0.isPair && $0 != .unconstrained }
    return consistent.flatMap { method in
      Block.allCases.flatMap { block in
        metrics.compactMap { metric in
          let differences = seeds.compactMap { seed -> Double? in
            func value(_ method: Method) -> Double? {
              records.first { $0.method == method && $0.seed == seed }?[block]?.metrics[metric]
            }
            guard let own = value(method), let other = value(.unconstrained) else { return nil }
            return own - other
          }
          return differences.isEmpty
            ? nil
            : ConsistencyEffect(
              method: method, block: block, metric: metric, differences: differences)
        }
      }
    }
  }

  /// Does consistency improve explanation? What the numbers say, in words.
  public var reading: String {
    let metric = metrics[0]
    let effects = effects.filter { $0.metric == metric }
    guard seeds.count > 1 else {
      return "One seed cannot say: a difference has nothing to be compared with."
    }
    let counts = (
      better: effects.count { $0.verdict == .better }, worse: effects.count { $0.verdict == .worse }
    )
    let unclear = effects.count - counts.better - counts.worse
    let answer =
      switch (counts.better, counts.worse) {
      case (0, 0): "These numbers do not show that it does, nor that it does not."
      case (_, 0): "On these numbers yes, where a difference is clear at all."
      case (0, _): "On these numbers no: where a difference is clear, consistent maps are worse."
      default: "It depends on the method and the block."
      }
    let details = effects.compactMap { effect -> String? in
      guard let spread = effect.spread else { return nil }
      let positive = effect.differences.count { $0 > 0 }
      return "\(effect.method.title) at \(effect.block.title) "
        + signed(spread) + " (higher in \(positive) of \(effect.differences.count) seeds)"
    }
    return answer + " By \(metric.title), against Unconstrained within each seed: "
      + details.joined(separator: "; ")
      + ". \(counts.better) of \(effects.count) differences are more than two standard errors above 0, "
      + "\(counts.worse) below, \(unclear) neither. " + gaps
  }

  /// What the multipliers prove.
  private var gaps: String {
    func gap(_ method: Method) -> Double? {
      Spread.ofAny(records(of: method).compactMap { $0.consistency?.certifiedGap })?.mean
    }
    guard let learned = gap(.dual), let exact = gap(.cvx), let none = gap(.unconstrained) else {
      return ""
    }
    return "The λ learned by Dual certifies a gap of \(scientific(learned)) nats on average, "
      + "\(scientific(none)) are left at λ = 0 on Unconstrained's maps, and the exact program's solution "
      + "(CVX) has \(scientific(exact))."
  }

  private func signed(_ spread: Spread) -> String {
    let sign = spread.mean < 0 ? "" : "+"
    return sign + spread.text()
  }
}
