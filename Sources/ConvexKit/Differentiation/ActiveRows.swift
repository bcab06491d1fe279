/// The program's complementarity, linearized at a solution, in coordinates that decouple it.
///
/// At a point where the projection onto K is differentiable, s = Π_K(s − z) moves by
///
/// ```
/// qᵀds + h qᵀdz = −c   for some orthonormal directions q, with h ≥ 0
/// qᵀdz = 0             for the others                                                    (15)
/// ```
///
/// Inside K nothing couples and z = 0: all directions are of the second kind. At s = 0, z inside K*,
/// all are of the first kind with h = 0. On a smooth part of the boundary, with n the normal along z,
/// r the ray along s and t a direction of curvature κ: h = 0 for n, h = 1/(‖z‖κ) for t, and r is of
/// the second kind, since the boundary is straight along it. c is what is missing for s to be on the
/// boundary; it is 0 at an exact solution.
struct ActiveRows {
  /// The directions of the first kind, one after the other: rows of A and their weights.
  private(set) var starts = [0]
  private(set) var rows: [Int] = []
  private(set) var weights: [Double] = []
  /// h of each.
  private(set) var curvature: [Double] = []
  /// c of each.
  private(set) var offset: [Double] = []

  /// How many directions of the first kind there are.
  var count: Int { curvature.count }

  /// The largest |c|.
  var largestOffset: Double { offset.reduce(0) { max($0, abs($1)) } }

  /// Whether (16) has the same matrix.
  func hasMatrix(of other: ActiveRows) -> Bool {
    rows == other.rows && starts == other.starts && weights == other.weights
      && curvature == other.curvature
  }

  /// Adds the direction along one row.
  mutating func append(row: Int, h: Double = 0, c: Double = 0) {
    append([(row, 1)], h: h, c: c)
  }

  /// Adds a direction with weights on several rows.
  mutating func append(_ direction: [(row: Int, weight: Double)], h: Double, c: Double = 0) {
    for (row, weight) in direction where weight != 0 {
      rows.append(row)
      weights.append(weight)
    }
    starts.append(rows.count)
    curvature.append(h)
    offset.append(c)
  }

  /// qᵀv of direction `k`.
  func component(_ k: Int, of v: Vector<Double>) -> Double {
    var sum = 0.0
    for entry in starts[k]..<starts[k + 1] { sum += weights[entry] * v[rows[entry]] }
    return sum
  }

  /// Σ_k ζ_k q_k.
  func combination(_ components: [Double], count: Int) -> Vector<Double> {
    var v = Vector<Double>(repeating: 0, count: count)
    for k in 0..<self.count {
      for entry in starts[k]..<starts[k + 1] { v[rows[entry]] += weights[entry] * components[k] }
    }
    return v
  }
}
