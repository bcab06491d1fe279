import KLProjection
import RealModule

/// A witness beside the exact solution of Eq. 4, for every sample of a batch.
///
/// Made by ``WitnessOracle``. Printing it gives a table of the mean and the worst sample.
public struct OracleReport: Sendable, Equatable {
  /// One sample.
  public struct Sample: Sendable, Equatable {
    /// How the exact solve ended; the measures that need it are NaN unless it is `solved`.
    public let status: ProjectionStatus
    /// The measures.
    public let quality: WitnessQuality
  }

  /// The samples, `[B]`.
  public let samples: [Sample]

  /// The samples that were solved, which `mean` and `worst` are over.
  public var solvedCount: Int { samples.count { $0.status == .solved } }

  /// Every measure's mean over the samples that were solved; NaN when there are none.
  public var mean: WitnessQuality {
    .combining(solved) { $0.reduce(0, +) / Double($0.count) }
  }

  /// Every measure at its worst over the samples that were solved: the smallest dual value, the
  /// largest of everything else. NaN when there are none.
  public var worst: WitnessQuality {
    var worst = WitnessQuality.combining(solved) { $0.max() ?? .nan }
    worst.dualValue = solved.map(\.dualValue).min() ?? .nan
    return worst
  }

  private var solved: [WitnessQuality] {
    samples.filter { $0.status == .solved }.map(\.quality)
  }
}

extension OracleReport: CustomStringConvertible {
  /// A line on the samples, and one per measure with its mean and its worst value, in nats where
  /// the measure is a value or a gap.
  public var description: String {
    let (mean, worst) = (mean, worst)
    let rows = WitnessQuality.measures.filter { !mean[keyPath: $0.value].isNaN }.map { measure in
      Self.pad(measure.name, 16) + Self.text(mean[keyPath: measure.value])
        + Self.text(worst[keyPath: measure.value])
    }
    let title = "\(solvedCount) of \(samples.count) samples solved"
    guard solvedCount > 0 else { return title }
    let header = [
      Self.pad("", 16), Self.pad("mean", 12, left: true), Self.pad("worst", 12, left: true),
    ].joined()
    return ([title, header] + rows).joined(separator: "\n")
  }

  private static func text(_ value: Double) -> String {
    pad(value.scientific, 12, left: true)
  }

  private static func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return left ? blanks + text : text + blanks
  }
}

extension Double {
  /// Four significant digits with an exponent, `1.234e-05`, without Foundation.
  var scientific: String {
    guard isFinite else { return isNaN ? "-" : self < 0 ? "-inf" : "inf" }
    guard self != 0 else { return "0" }
    var exponent = Int(Double.log10(magnitude).rounded(.down))
    var digits = (magnitude / .exp10(Double(exponent)) * 1000).rounded()
    if digits >= 10000 {
      exponent += 1
      digits /= 10
    }
    let text = String(Int(digits))
    let power = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
    return (self < 0 ? "-" : "") + text.prefix(1) + "." + text.dropFirst() + "e"
      + (exponent < 0 ? "-" : "+") + power
  }
}
