import KLProjection
import RealModule

// The two coarse distributions that Eq. 5 equates, at any λ, and Eq. 6's gradient.
//
//   x_j   = φ_j − (Aᵀλ)_j / w_f                                                               (1)
//   q′_i  = Σ_j A_ij e^{x_j},    s_ij = A_ij e^{x_j} / q′_i                                    (2)
//   q     = q′ / Σ q′,           μ_j = Σ_i s_ij q_i                                            (3)
//   p     = softmax(ψ + λ/w_c)                                                                (4)
//
// (3) is μ = softmax(x) and q = Aμ, because the columns of A sum to 1. s_ij, the share of window i
// that cell j contributes, is at most 1 and is all that the gradient needs of the fine map: with
// r = log p − log q and D the divergence,
//
//   KL(p‖q):  ∂ψ = p (r − D),   c = q − p                                                     (5a)
//   KL(q‖p):  ∂ψ = p − q,       c = −q (r + D)                                                (5b)
//   ∂φ_j = Σ_i s_ij c_i,        ∂λ = ∂ψ/w_c − A ∂φ/w_f                                        (6)
//
// The normalizing constants give the dual value, with L = log Σ exp:
//
//   g(λ) = −w_f (L(x) − L(φ)) − w_c (L(ψ + λ/w_c) − L(ψ)),    L(x) = L(log q′)                 (7)
//
// One exponential per entry of A, all in one vectorized loop, and no quotient that overflows. An
// empty window has log q′ = −∞ and s = 0; where p_i is zero as well it contributes nothing to the
// divergence or to a gradient.

/// Both sides of Eq. 5 for one sample at a time; the working memory of one thread.
struct WitnessMarginals {
  let marginalization: Marginalization
  let weights: ProjectionWeights
  /// log A_ij by rows.
  private let logEntries: [Double]

  /// φ_j when loaded, then x_j of (1).
  private(set) var exponents: [Double]
  /// ψ_i when loaded, then log p_i.
  private(set) var logP: [Double]
  /// log q_i.
  private(set) var logQ: [Double]
  /// L(x) and L(ψ + λ/w_c) of (7).
  private var fineConstant = 0.0
  private var coarseConstant = 0.0
  /// λ_i.
  private var multiplier: [Double]
  /// s_ij by rows.
  private var shares: [Double]
  /// ∂φ, ∂ψ and ∂λ of the last gradient.
  private(set) var fineGradient: [Double]
  private(set) var coarseGradient: [Double]
  private(set) var witnessGradient: [Double]

  init(_ marginalization: Marginalization, _ weights: ProjectionWeights) {
    let (m, n) = (marginalization.fineCount, marginalization.coarseCount)
    self.marginalization = marginalization
    self.weights = weights
    logEntries = marginalization.rows.values.map { .log($0) }
    exponents = [Double](repeating: 0, count: m)
    fineGradient = exponents
    logP = [Double](repeating: 0, count: n)
    logQ = logP
    multiplier = logP
    coarseGradient = logP
    witnessGradient = logP
    shares = [Double](repeating: 0, count: logEntries.count)
  }

  /// Takes over one valid sample and its λ, and computes (1)-(4).
  mutating func load<Scalar>(_ sample: Sample<Scalar>, _ λ: UnsafeBufferPointer<Scalar>) {
    for cell in λ.indices { multiplier[cell] = Double(λ[cell]) }
    Sample.logarithms(of: sample.fine, sample.form, into: &exponents)
    Sample.logarithms(of: sample.coarse, sample.form, into: &logP)
    tilt()  // (1)
    marginalize()  // (2), (3)
    for cell in logP.indices { logP[cell] += multiplier[cell] / weights.coarse }
    coarseConstant = logP.withUnsafeMutableBufferPointer { LogDomain.normalize($0) }  // (4)
  }

  /// D(p, q) in nats; +∞ where the second has no mass and the first has.
  func divergence(_ direction: Divergence) -> Double {
    let (first, second) = direction == .coarseFromFine ? (logP, logQ) : (logQ, logP)
    var sum = 0.0
    for cell in first.indices {
      sum += LogDomain.divergenceTerm(logP: first[cell], logQ: second[cell])
    }
    return sum
  }

  /// (5) and (6), times `cotangent`, for a finite divergence.
  mutating func differentiate(_ direction: Divergence, cotangent: Double) {
    let value = divergence(direction)
    var c = [Double](repeating: 0, count: logP.count)
    for cell in c.indices {
      let (p, q) = (Double.exp(logP[cell]), Double.exp(logQ[cell]))
      let isEmpty = logP[cell] == -.infinity || logQ[cell] == -.infinity
      let r = isEmpty ? 0 : logP[cell] - logQ[cell]
      switch direction {
      case .coarseFromFine:
        coarseGradient[cell] = cotangent * p * (r - value)  // (5a)
        c[cell] = cotangent * (q - p)
      case .fineFromCoarse:
        coarseGradient[cell] = cotangent * (p - q)  // (5b)
        c[cell] = -cotangent * q * (r + value)
      }
    }
    spread(c)
    let moved = marginalization.marginal(of: fineGradient)  // A ∂φ
    for cell in moved.indices {
      witnessGradient[cell] = coarseGradient[cell] / weights.coarse - moved[cell] / weights.fine
    }
  }

  /// The gradient of Σ dy log q with respect to φ: (6) with c = dy − q Σ dy.
  mutating func pullBackLogMarginal(_ dy: [Double]) {
    let total = logQ.indices.reduce(0) { logQ[$1] > -.infinity ? $0 + dy[$1] : $0 }
    spread(logQ.indices.map { dy[$0] - .exp(logQ[$0]) * total })
  }

  /// (6), ∂φ.
  private mutating func spread(_ c: [Double]) {
    let rows = marginalization.rows
    for cell in fineGradient.indices { fineGradient[cell] = 0 }
    for row in 0..<rows.rowCount {
      for entry in rows.range(row) {
        fineGradient[Int(rows.indices[entry])] += shares[entry] * c[row]
      }
    }
  }

  /// μ, (3).
  func fineMap() -> [Double] {
    let rows = marginalization.rows
    var μ = [Double](repeating: 0, count: marginalization.fineCount)
    for row in 0..<rows.rowCount {
      let q = Double.exp(logQ[row])
      for entry in rows.range(row) { μ[Int(rows.indices[entry])] += shares[entry] * q }
    }
    return μ
  }

  /// g(λ), (7), of the sample that was loaded.
  func dualValue<Scalar>(_ sample: Sample<Scalar>) -> Double {
    var φ = [Double](repeating: 0, count: exponents.count)
    var ψ = [Double](repeating: 0, count: logP.count)
    Sample.logarithms(of: sample.fine, sample.form, into: &φ)
    Sample.logarithms(of: sample.coarse, sample.form, into: &ψ)
    return -weights.fine * (fineConstant - φ.withUnsafeBufferPointer(LogDomain.logSumExp))
      - weights.coarse * (coarseConstant - ψ.withUnsafeBufferPointer(LogDomain.logSumExp))
  }

  /// ‖p − q‖₁ and ‖p − q‖_∞.
  func residual() -> (sum: Double, largest: Double) {
    var (sum, largest) = (0.0, 0.0)
    for cell in logP.indices {
      let difference = abs(Double.exp(logP[cell]) - .exp(logQ[cell]))
      sum += difference
      largest = max(largest, difference)
    }
    return (sum, largest)
  }

  /// ‖λ − λ*‖₂ over the cells of `support`, less the means there.
  func distance(to exact: [Double], on support: [Bool]) -> Double {
    let differences = support.indices.filter { support[$0] }.map { multiplier[$0] - exact[$0] }
    let mean = differences.reduce(0, +) / Double(differences.count)
    return differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
  }

  /// (1).
  private mutating func tilt() {
    let columns = marginalization.columns
    for cell in exponents.indices {
      var sum = 0.0
      for entry in columns.range(cell) {
        sum += columns.values[entry] * multiplier[Int(columns.indices[entry])]
      }
      exponents[cell] -= sum / weights.fine
    }
  }

  /// (2) and (3), each window relative to its largest term.
  private mutating func marginalize() {
    let rows = marginalization.rows
    for row in 0..<rows.rowCount {
      var largest = -Double.infinity
      for entry in rows.range(row) {
        shares[entry] = exponents[Int(rows.indices[entry])] + logEntries[entry]
        largest = max(largest, shares[entry])
      }
      logQ[row] = largest
      guard largest > -.infinity else { continue }
      for entry in rows.range(row) { shares[entry] -= largest }
    }
    shares.withUnsafeMutableBufferPointer { ProjectionKernels.exponentiate($0) }
    for row in 0..<rows.rowCount where logQ[row] > -.infinity {
      var sum = 0.0
      for entry in rows.range(row) { sum += shares[entry] }
      for entry in rows.range(row) { shares[entry] /= sum }
      logQ[row] += .log(sum)
    }
    fineConstant = logQ.withUnsafeMutableBufferPointer { LogDomain.normalize($0) }
  }
}
