import ConvexKit
import Foundation

/// A second opinion on a ``ConeProgram``'s answers: the conditions written out from the raw data,
/// without the package's own products, residuals and memberships.
struct ConeAudit {
  let program: ConeProgram

  init(_ program: ConeProgram) { self.program = program }

  /// ‖A x + s − b‖_∞ over the rows with a finite b, relative to the largest term in it.
  func primalResidual(_ x: Vector<Double>, _ s: Vector<Double>) -> Double {
    var (worst, scale) = (0.0, 1.0)
    for (row, sum) in rows(x).enumerated() where program.rightHandSide[row].isFinite {
      let b = program.rightHandSide[row]
      worst = worse(worst, abs(sum + s[row] - b))
      scale = max(scale, abs(b), abs(s[row]), abs(sum))
    }
    return worst / scale
  }

  /// ‖P x + q + Aᵀz‖_∞ relative to the largest term in it.
  func dualResidual(_ x: Vector<Double>, _ z: Vector<Double>) -> Double {
    let (px, atz) = (quadratic(x), columns(z))
    var (worst, scale) = (0.0, 1.0)
    for j in px.indices {
      worst = worse(worst, abs(px[j] + program.linear[j] + atz[j]))
      scale = max(scale, abs(px[j]), abs(program.linear[j]), abs(atz[j]))
    }
    return worst / scale
  }

  /// ½ xᵀP x + qᵀx.
  func objective(_ x: Vector<Double>) -> Double {
    let px = quadratic(x)
    return px.indices.reduce(0) { $0 + (0.5 * px[$1] + program.linear[$1]) * x[$1] }
  }

  /// −½ xᵀP x − bᵀz.
  func dualObjective(_ x: Vector<Double>, _ z: Vector<Double>) -> Double {
    let px = quadratic(x)
    return px.indices.reduce(-product(z)) { $0 - 0.5 * px[$1] * x[$1] }
  }

  /// Whether s is in K once every cone's block is moved inwards by `tolerance` times the larger of
  /// 1 and its largest element.
  func isMember(_ s: Vector<Double>, tolerance: Double) -> Bool {
    blocks.allSatisfy { cone, rows in
      let v = rows.map { program.rightHandSide[$0].isFinite ? s[$0] : 1 }
      let move = tolerance * v.reduce(1) { max($0, abs($1)) }
      switch cone {
      case .zero: return v.allSatisfy { abs($0) <= move }
      case .nonnegative: return v.allSatisfy { $0 + move >= 0 }
      case .secondOrder: return v[0] + move >= length(v.dropFirst())
      case .exponential:
        let (x, y, z) = (v[0] - move, v[1] + move, v[2] + move)
        return y > 0 && z > 0 && x <= y * log(z / y)
      case .power(let alpha):
        let (x, y) = (v[0] + move, v[1] + move)
        return x > 0 && y > 0 && pow(x, alpha) * pow(y, 1 - alpha) >= abs(v[2])
      }
    }
  }

  /// Whether z is in K*, as ``isMember(_:tolerance:)`` says it of s.
  func isDualMember(_ z: Vector<Double>, tolerance: Double) -> Bool {
    blocks.allSatisfy { cone, rows in
      let v = rows.map { z[$0] }
      let move = tolerance * v.reduce(1) { max($0, abs($1)) }
      switch cone {
      case .zero: return v.allSatisfy(\.isFinite)
      case .nonnegative: return v.allSatisfy { $0 + move >= 0 }
      case .secondOrder: return v[0] + move >= length(v.dropFirst())
      case .exponential:
        // −u e^{v/u} ≤ e w, by its logarithm: log(−u) + v/u ≤ 1 + log w.
        let (u, v, w) = (v[0] - move, v[1] + move, v[2] + move)
        return u < 0 && w > 0 && log(-u) + v / u <= 1 + log(w)
      case .power(let alpha):
        let (x, y) = ((v[0] + move) / alpha, (v[1] + move) / (1 - alpha))
        return x > 0 && y > 0 && pow(x, alpha) * pow(y, 1 - alpha) >= abs(v[2])
      }
    }
  }

  /// Whether z proves that no point is feasible: ‖Aᵀz‖_∞ ≤ `tolerance` with bᵀz = −1, z ∈ K*.
  func provesInfeasible(_ z: Vector<Double>, tolerance: Double) -> Bool {
    abs(product(z) + 1) <= 1e-9
      && columns(z).allSatisfy { abs($0) <= tolerance }
      && isDualMember(z, tolerance: tolerance)
  }

  /// Whether x and s prove that the objective has no bound: ‖P x‖_∞, ‖A x + s‖_∞ ≤ `tolerance` with
  /// qᵀx = −1, s ∈ K.
  func provesUnbounded(_ x: Vector<Double>, _ s: Vector<Double>, tolerance: Double) -> Bool {
    let cost = x.indices.reduce(0) { $0 + program.linear[$1] * x[$1] }
    return abs(cost + 1) <= 1e-9
      && quadratic(x).allSatisfy { abs($0) <= tolerance }
      && rows(x).enumerated().allSatisfy {
        !program.rightHandSide[$0].isFinite || abs($1 + s[$0]) <= tolerance
      }
      && isMember(s, tolerance: tolerance)
  }

  /// bᵀz over the rows with a finite b.
  private func product(_ z: Vector<Double>) -> Double {
    z.indices.reduce(0) {
      program.rightHandSide[$1].isFinite ? $0 + program.rightHandSide[$1] * z[$1] : $0
    }
  }

  /// A x.
  private func rows(_ x: Vector<Double>) -> [Double] {
    let a = program.constraints
    return (0..<a.rows).map { row in
      (a.rowStarts[row]..<a.rowStarts[row + 1]).reduce(0) {
        $0 + a.values[$1] * x[a.columnIndices[$1]]
      }
    }
  }

  /// Aᵀz.
  private func columns(_ z: Vector<Double>) -> [Double] {
    let a = program.constraints
    var sums = [Double](repeating: 0, count: a.columns)
    for row in 0..<a.rows {
      for entry in a.rowStarts[row]..<a.rowStarts[row + 1] {
        sums[a.columnIndices[entry]] += a.values[entry] * z[row]
      }
    }
    return sums
  }

  /// P x.
  private func quadratic(_ x: Vector<Double>) -> [Double] {
    let p = program.quadratic
    var sums = [Double](repeating: 0, count: p.order)
    for column in 0..<p.order {
      for entry in p.columnStarts[column]..<p.columnStarts[column + 1] {
        let row = p.rowIndices[entry]
        sums[row] += p.values[entry] * x[column]
        if row != column { sums[column] += p.values[entry] * x[row] }
      }
    }
    return sums
  }

  private var blocks: [(cone: Cone, rows: Range<Int>)] {
    var next = 0
    return program.cones.map { cone in
      defer { next += cone.dimension }
      return (cone, next..<next + cone.dimension)
    }
  }

  private func length(_ v: some Sequence<Double>) -> Double {
    v.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private func worse(_ a: Double, _ b: Double) -> Double { b.isNaN ? .infinity : max(a, b) }
}
