import ConvexKit
import Foundation

// Signals of the four modalities from the tissues' relaxation times (spin echo; inversion recovery
// for flair; times in ms, PD the proton density):
//
//   S = PD (1 − e^(−TR/T1)) e^(−TE/T2)                              t1, t1ce, t2               (1)
//   S = PD |1 − 2 e^(−TI/T1) + e^(−TR/T1)| e^(−TE/T2)                flair                     (2)
//
// Contrast agent of concentration c (mmol/l) shortens T1:  1/T1' = 1/T1 + r₁ c,  r₁ = 4.5 /(mmol/l s)
//                                                                                              (3)
// Source: Bernstein, King & Zhou, Handbook of MRI Pulse Sequences, 2004, chapters 14.1 and 17.3;
// relaxation times are rounded values for 1.5 to 3 tesla.

/// A tissue of the phantom.
enum Tissue: Int, CaseIterable, Sendable {
  case fluid, gray, white, edema, enhancing, necrosis

  /// T1 and T2 in ms, and the proton density.
  var relaxation: (T1: Double, T2: Double, density: Double) {
    switch self {
    case .fluid: (4000, 2000, 1)
    case .gray: (1350, 100, 0.83)
    case .white: (700, 80, 0.70)
    case .edema: (1700, 190, 0.88)
    case .enhancing: (1400, 115, 0.85)
    case .necrosis: (2900, 380, 0.95)
    }
  }
}

/// The signal of each tissue in each modality, for one simulated scanner and patient.
struct SignalModel: Sendable {
  /// Signals in units of the proton density, by modality and tissue.
  private(set) var signals: [[Float]]
  /// The signal in t1ce of enhancing tumor at the lower and the upper end of its uptake.
  private(set) var uptake: ClosedRange<Float>

  /// - Parameters:
  ///   - variation: Relative spread of relaxation times and sequence parameters between patients.
  ///   - generator: Where the spread comes from.
  init(variation: Double, _ generator: inout SeededGenerator) {
    func spread() -> Double { 1 + variation * (2 * generator.uniform() - 1) }
    let tissues = Tissue.allCases.map { tissue in
      let (T1, T2, density) = tissue.relaxation
      return (T1: T1 * spread(), T2: T2 * spread(), density: density)
    }
    let (TR1, TE1) = (500 * spread(), 10 * spread())
    let (TR2, TE2) = (5000 * spread(), 100 * spread())
    let (TR3, TE3) = (9000 * spread(), 120 * spread())
    let TI = 2500.0  // tuned to null fluid, whatever the rest
    func echo(_ T1: Double, _ T2: Double, _ density: Double, _ TR: Double, _ TE: Double) -> Float {
      Float(density * (1 - exp(-TR / T1)) * exp(-TE / T2))  // (1)
    }
    let t1 = tissues.map { echo($0.T1, $0.T2, $0.density, TR1, TE1) }
    let t2 = tissues.map { echo($0.T1, $0.T2, $0.density, TR2, TE2) }
    let flair = tissues.map { tissue in
      let recovery = abs(1 - 2 * exp(-TI / tissue.T1) + exp(-TR3 / tissue.T1))
      return Float(tissue.density * recovery * exp(-TE3 / tissue.T2))  // (2)
    }
    let rim = tissues[Tissue.enhancing.rawValue]
    func enhanced(_ concentration: Double) -> Float {
      let T1 = 1 / (1 / rim.T1 + 4.5e-3 * concentration)  // (3), per ms
      return echo(T1, rim.T2, rim.density, TR1, TE1)
    }
    uptake = enhanced(0.35 * spread())...enhanced(0.9 * spread())
    signals = [t1, t1, t2, flair]
  }

  /// The signal of a tissue. In t1ce enhancing tumor has taken up a middling share of agent.
  subscript(modality: Modality, tissue: Tissue) -> Float {
    if modality == .t1ce && tissue == .enhancing {
      return (uptake.lowerBound + uptake.upperBound) / 2
    }
    return signals[Modality.allCases.firstIndex(of: modality) ?? 0][tissue.rawValue]
  }
}
