import Foundation

/// Half a cosine from one learning rate down to another, with or without restarts.
///
/// ```
/// η(t) = etaMin + (learningRate − etaMin) (1 + cos(π t / tMax)) / 2
/// ```
///
/// Without restarts the rate goes on along the cosine and rises again after `tMax` epochs, as
/// PyTorch's `CosineAnnealingLR` does. With restarts it jumps back at the end of each period, and
/// every period is `tMult` times as long as the one before (`CosineAnnealingWarmRestarts`, whose
/// `T_0` is `tMax` here).
///
/// The rate is a function of the epoch alone: there is no state to store.
///
/// - Source: Loshchilov & Hutter, SGDR, ICLR 2017, eq. 5.
public struct CosineAnnealing: Sendable, Equatable, Codable {
  /// The rate at the start.
  public let learningRate: Double
  /// The epochs of the first descent.
  public let tMax: Int
  /// The rate at the end of a descent.
  public let etaMin: Double
  /// How many times longer each period is than the one before; nil for no restarts.
  public let tMult: Int?

  /// A schedule.
  ///
  /// - Parameters:
  ///   - learningRate: The rate at the start.
  ///   - tMax: The epochs of the first descent, at least 1.
  ///   - etaMin: The rate at the end of a descent.
  ///   - tMult: How many times longer each period is than the one before, at least 1; nil for no
  ///     restarts.
  public init(learningRate: Double, tMax: Int, etaMin: Double = 0, tMult: Int? = nil) {
    self.learningRate = learningRate
    self.tMax = tMax
    self.etaMin = etaMin
    self.tMult = tMult
    if let fault { preconditionFailure(fault) }
  }

  /// What is wrong with these numbers, which a file may give; nil if nothing is.
  var fault: String? {
    if tMax < 1 { return "CosineAnnealing: tMax must be at least 1, not \(tMax)" }
    if let tMult, tMult < 1 { return "CosineAnnealing: tMult must be at least 1, not \(tMult)" }
    return nil
  }

  /// The rate of epoch `epoch`, the first being 0.
  public func rate(at epoch: Int) -> Double {
    var t = epoch
    var period = tMax
    if let tMult {
      while t >= period {
        t -= period
        period *= tMult
      }
    }
    return etaMin
      + (learningRate - etaMin) * (1 + cos(.pi * Double(t) / Double(period))) / 2
  }
}
