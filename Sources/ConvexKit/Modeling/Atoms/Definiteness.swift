/// Whether the symmetric part of a matrix without variables is semidefinite.
enum Definiteness {
  case positive
  case negative
  case unknown

  var curvature: Curvature {
    switch self {
    case .positive: .convex
    case .negative: .concave
    case .unknown: .unknown
    }
  }

  /// By the numbers if they are known, by the rules for sums and products if not.
  init(of matrix: Expression) {
    self = .unknown
    if !matrix.isConstant { return }
    if matrix.dependence == .none {
      var evaluation = Evaluation([:])
      let numbers = evaluation.value(of: matrix)
      if Definiteness.isPositive(numbers, sign: 1) {
        self = .positive
      } else if Definiteness.isPositive(numbers, sign: -1) {
        self = .negative
      }
      return
    }
    switch matrix.content {
    case .parameter(.positiveSemidefinite): self = .positive
    case .defined(_, _, let definition): self = Definiteness(of: definition)
    case .atom(let atom, let arguments):
      let parts = arguments.filter { !$0.isScalar }.map { Definiteness(of: $0) }
      switch atom.name {
      case Atom.negation.name: self = parts[0].times(.nonpositive)
      case Atom.addition.name where parts.count == arguments.count:
        if parts.allSatisfy({ $0 == parts[0] }) { self = parts[0] }
      case Atom.scaling.name, Atom.multiply.name:
        if parts.count == 1, let factor = arguments.first(where: \.isScalar) {
          self = parts[0].times(factor.sign)
        }
      case "transpose": self = parts[0]
      default: break
      }
    default: break
    }
  }

  private func times(_ sign: Sign) -> Definiteness {
    switch (self, sign) {
    case (.unknown, _), (_, .unknown): .unknown
    case (_, .nonnegative), (_, .zero): self
    case (.positive, .nonpositive): .negative
    case (.negative, .nonpositive): .positive
    }
  }

  /// Asks the cone program's own test of P.
  private static func isPositive(_ q: Matrix<Double>, sign: Double) -> Bool {
    let n = q.rows
    if n == 0 { return true }
    let symmetric = Matrix<Double>(rows: n, columns: n) {
      sign * (q.elements[$0 + $1 * n] + q.elements[$1 + $0 * n]) / 2
    }
    do {
      let quadratic = try SymmetricSparseMatrix(SparseMatrix(symmetric))
      _ = try ConeProgram(
        minimize: Vector(repeating: 0, count: n), quadratic: quadratic,
        constraints: SparseMatrix(
          rows: 0, columns: n, rowStarts: [0], columnIndices: [], values: []),
        rightHandSide: [], cones: [])
      return true
    } catch {
      return false
    }
  }

  /// F with ± FᵀF = (Q + Qᵀ)/2, and that sign, for a semidefinite Q.
  ///
  /// Cholesky's method with the largest remaining diagonal element as pivot; it ends at the rank.
  static func factor(_ q: Matrix<Double>) -> (factor: Matrix<Double>, sign: Double) {
    let n = q.rows
    let trace = (0..<n).reduce(0) { $0 + q.elements[$1 * (n + 1)] }
    let sign: Double = trace < 0 ? -1 : 1
    var rest = Matrix<Double>(rows: n, columns: n) {
      sign * (q.elements[$0 + $1 * n] + q.elements[$1 + $0 * n]) / 2
    }
    let largest = (0..<n).reduce(0) { max($0, rest.elements[$1 * (n + 1)]) }
    var rows: [[Double]] = []
    while rows.count < n {
      let pivot = (0..<n).max { rest.elements[$0 * (n + 1)] < rest.elements[$1 * (n + 1)] } ?? 0
      let value = rest.elements[pivot * (n + 1)]
      if value <= 1e-14 * largest { break }
      let row = (0..<n).map { rest.elements[$0 + pivot * n] / value.squareRoot() }
      for j in 0..<n { for i in 0..<n { rest.elements[i + j * n] -= row[i] * row[j] } }
      rows.append(row)
    }
    return (Matrix(rows: rows.count, columns: n) { rows[$0][$1] }, sign)
  }
}
