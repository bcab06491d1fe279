/// (15) for every cone of a program, at a point near a solution.
///
/// The rows of a cone are measured in units in which its rows of A and the objective are of order
/// one: s/ρ and z ρ/γ. Which case a cone is in is read from s against z; where neither is clearly the
/// larger, the projection has a kink there and the linearization does not exist.
struct ConeLinearization {
  private(set) var active = ActiveRows()
  /// The slacks and multipliers, moved onto the faces that were found.
  private(set) var slack: Vector<Double>
  private(set) var dual: Vector<Double>

  /// The smaller of two complementary numbers is at most this share of the larger.
  private let clear: Double
  /// Both vanish if neither is larger than this.
  private var floor: Double { clear < 1 ? 1e-11 : 0 }

  /// Linearizes at a point.
  ///
  /// - Parameters:
  ///   - program: The program.
  ///   - slack: s.
  ///   - dual: z.
  ///   - clear: What share of the larger of two complementary numbers the smaller may be: 1 takes
  ///     the larger one, for a point that is still to be improved.
  /// - Throws: ``ConeDerivativeError/notDifferentiable(cone:)``.
  init(
    _ program: ConeProgram, slack: Vector<Double>, dual: Vector<Double>, clear: Double
  ) throws(ConeDerivativeError) {
    (self.slack, self.dual, self.clear) = (slack, dual, clear)
    let matrix = program.constraints
    let cost = ConeLinearization.size(
      program.linear.elements + program.quadratic.values)
    for (index, (cone, rows)) in program.blocks.enumerated() {
      let entries = matrix.rowStarts[rows.lowerBound]..<matrix.rowStarts[rows.upperBound]
      let size = ConeLinearization.size(matrix.values[entries])
      switch cone {
      case .zero:
        for row in rows {
          self.slack[row] = 0
          active.append(row: row)
        }
      case .nonnegative, .secondOrder(1):
        for row in rows {
          let entries = matrix.rowStarts[row]..<matrix.rowStarts[row + 1]
          let size = ConeLinearization.size(matrix.values[entries])
          try nonnegative(row, index, Units(size, cost))
        }
      case .secondOrder: try secondOrder(rows, index, Units(size, cost))
      case .exponential:
        try smooth(ExponentialSurface(), rows.lowerBound, index, Units(size, cost))
      case .power(let alpha):
        try smooth(PowerSurface(alpha: alpha), rows.lowerBound, index, Units(size, cost))
      }
    }
  }

  /// ρ and γ.
  private struct Units {
    let rows: Double
    let cost: Double

    init(_ rows: Double, _ cost: Double) { (self.rows, self.cost) = (rows, cost) }

    /// h = (ρ²/γ) ĥ.
    var curvature: Double { rows * rows / cost }
    /// z = (γ/ρ) ẑ.
    var dual: Double { cost / rows }
  }

  private static func size(_ values: some Sequence<Double>) -> Double {
    let most = values.reduce(0) { max($0, abs($1)) }
    return most > 0 ? most : 1
  }

  /// Whether `a` is the larger of two complementary numbers; an error where that is not clear.
  private func isLarger(
    _ a: Double, _ b: Double, _ cone: Int
  ) throws(ConeDerivativeError) -> Bool {
    let (a, b) = (max(a, 0), max(b, 0))
    if b <= clear * a, a > floor { return true }
    if a <= clear * b, b > floor { return false }
    throw .notDifferentiable(cone: cone)
  }

  private mutating func nonnegative(
    _ row: Int, _ cone: Int, _ units: Units
  ) throws(ConeDerivativeError) {
    if slack[row] == .infinity {
      dual[row] = 0
      return
    }
    if try isLarger(slack[row] / units.rows, dual[row] / units.dual, cone) {
      dual[row] = 0
    } else {
      slack[row] = 0
      active.append(row: row)
    }
  }

  /// In terms of λ± = s₀ ± ‖s₁‖ and ζ± = z₀ ± ‖z₁‖: λ₋ is complementary to ζ₊, and λ₊ to ζ₋.
  private mutating func secondOrder(
    _ range: Range<Int>, _ cone: Int, _ units: Units
  ) throws(ConeDerivativeError) {
    let first = range.lowerBound
    let rows = Array(range)
    let tailS = Vector(slack[(first + 1)..<range.upperBound].map { $0 / units.rows })
    let tailZ = Vector(dual[(first + 1)..<range.upperBound].map { $0 / units.dual })
    let (s0, z0) = (slack[first] / units.rows, dual[first] / units.dual)
    let (normS, normZ) = (tailS.euclideanNorm, tailZ.euclideanNorm)
    if try isLarger(s0 - normS, z0 + normZ, cone) {
      for row in rows { dual[row] = 0 }
      return
    }
    if try !isLarger(s0 + normS, z0 - normZ, cone) {
      for row in rows {
        slack[row] = 0
        active.append(row: row)
      }
      return
    }
    // On the boundary: u along s₁, z along (1, −u).
    let u = (1 / normS) * tailS
    let multiplier = (z0 + normZ) / 2
    dual[first] = multiplier * units.dual
    for (k, row) in rows.dropFirst().enumerated() { dual[row] = -multiplier * u[k] * units.dual }
    let root = 0.5.squareRoot()
    let normal = zip(rows, [root] + u.map { -root * $0 }).map { (row: $0, weight: $1) }
    active.append(normal, h: 0, c: root * (s0 - normS) * units.rows)
    let h = normS / multiplier * units.curvature
    for direction in SecondOrderTangents(u).directions {
      active.append(zip(rows.dropFirst(), direction).map { (row: $0, weight: $1) }, h: h)
    }
  }

  private mutating func smooth(
    _ surface: some ConeSurface, _ row: Int, _ cone: Int, _ units: Units
  ) throws(ConeDerivativeError) {
    let s = (1 / units.rows) * slack.triple(row)
    let z = (1 / units.dual) * dual.triple(row)
    let (normS, normZ) = (s.dot(s).squareRoot(), z.dot(z).squareRoot())
    let axes = 0..<3
    if surface.isOnFace(s, z) {
      // The face y = 0, with z = (0, v, 0).
      (slack[row + 1], dual[row], dual[row + 2]) = (0, 0, 0)
      active.append(row: row + 1)
      return
    }
    let (primal, dual) = (surface.local(s), surface.dual(z))
    if try !isLarger(normS, dual?.depth ?? 0, cone) {
      for axis in axes {
        slack[row + axis] = 0
        active.append(row: row + axis)
      }
      return
    }
    guard let primal else { throw .notDifferentiable(cone: cone) }
    if try isLarger(primal.depth, normZ, cone) {
      for axis in axes { self.dual[row + axis] = 0 }
      return
    }
    guard let frame = SurfaceFrame.make(s, z, primal, dual) else {
      throw .notDifferentiable(cone: cone)
    }
    for axis in axes {
      slack[row + axis] = frame.slack[axis] * units.rows
      self.dual[row + axis] = frame.dual[axis] * units.dual
    }
    func weighted(_ v: Triple) -> [(row: Int, weight: Double)] { axes.map { (row + $0, v[$0]) } }
    active.append(weighted(frame.normal), h: 0, c: frame.depth * units.rows)
    active.append(weighted(frame.tangent), h: units.curvature * frame.h)
  }
}

extension Vector where Scalar == Double {
  /// The three elements from `index` on.
  fileprivate func triple(_ index: Int) -> Triple {
    Triple(self[index], self[index + 1], self[index + 2])
  }
}
