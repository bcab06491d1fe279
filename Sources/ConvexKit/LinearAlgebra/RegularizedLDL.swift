/// Solutions of a symmetric system K x = b whose pivots have known signs, to full accuracy.
///
/// K + ε diag(signs) is factored, which is quasi-definite whatever the rank of K's blocks; iterative
/// refinement against K itself takes the ε out again. Where rounding still takes a pivot to the wrong
/// sign, ε grows (dynamic regularization) and the factorization is repeated: a pivot of ε fills
/// others with 1/ε, whose rounding, 1e-16/ε, must stay below ε, and where elimination meets several
/// of them in a row it does not.
///
/// Of a singular but consistent system refinement finds a solution near the smallest.
///
/// - Source: Vanderbei (1995); Altman, Gondzio (1999), for the regularization.
final class RegularizedLDL {
  /// The factorization; its ``SparseLDL/values`` are K's to be set.
  let ldl: SparseLDL
  /// Where each diagonal element is among the values, by permuted row.
  private let diagonal: UnsafeMutablePointer<Int32>
  /// The pivots' signs, by permuted row.
  private let signs: UnsafeMutablePointer<Double>
  /// The diagonal of K, by permuted row.
  private let constant: UnsafeMutablePointer<Double>
  private let residual, best: UnsafeMutablePointer<Double>
  private let arena = Arena()
  /// ε of the last factorization.
  private var epsilon = 0.0
  /// ε, as large as rounding asked for it so far.
  private var needed = 0.0

  /// The right side, in the permuted order.
  let right: UnsafeMutablePointer<Double>
  /// The solution, in the permuted order.
  let solution: UnsafeMutablePointer<Double>

  /// ε at first, if less is not asked for. Scaled entries are of order one, and refinement gains eight
  /// digits a pass.
  private static let regularization = 1e-8
  /// ε at least: with less, refinement would have to make up for more than half of the digits.
  private static let leastRegularization = 1e-12
  /// ε at most: with more than this refinement would not converge.
  private static let largestRegularization = 1e-4
  /// A pivot below this is rounding.
  private static let smallestPivot = 1e-13
  /// Refinement stops at a residual of this, relative to the right side and absolutely.
  private static let relativeTolerance = 1e-14
  private static let absoluteTolerance = 1e-15
  private static let refinements = 10
  /// A pass that gains less than this factor is the last one.
  private static let leastGain = 5.0

  /// Orders and analyses a pattern.
  ///
  /// - Parameters:
  ///   - ldl: The factorization of the pattern.
  ///   - entries: Which of the pattern's entries are the diagonal, by row.
  ///   - of: The pivots' signs, by row.
  init(_ ldl: SparseLDL, diagonal entries: [Int], signs of: [Double]) {
    self.ldl = ldl
    let order = ldl.order
    diagonal = arena.indices(order)
    (signs, constant) = (arena.numbers(order), arena.numbers(order))
    for k in 0..<order {
      let row = Int(ldl.permutation[k])
      diagonal[k] = ldl.place[entries[row]]
      signs[k] = of[row]
    }
    (residual, best) = (arena.numbers(order), arena.numbers(order))
    (right, solution) = (arena.numbers(order), arena.numbers(order))
  }

  /// Forgets how large ε had to be.
  func reset() { needed = 0 }

  /// Factors the values; their diagonal then has ε in it.
  ///
  /// - Parameter wanted: ε at most, as far as rounding allows it: where what K adds to a row in the end
  ///   is less than ε, a pass of refinement gains no more than their quotient.
  /// - Returns: Whether there is a factorization.
  func factor(regularization wanted: Double = .infinity) -> Bool {
    let order = ldl.order
    epsilon = max(
      needed, RegularizedLDL.leastRegularization, min(wanted, RegularizedLDL.regularization))
    for k in 0..<order { constant[k] = ldl.values[Int(diagonal[k])] }
    while epsilon <= RegularizedLDL.largestRegularization {
      for k in 0..<order { ldl.values[Int(diagonal[k])] = constant[k] + signs[k] * epsilon }
      let pivots = ldl.factor()
      var wrong = pivots < order
      for k in 0..<pivots {
        if ldl.pivots[k].isNaN { return false }
        wrong = wrong || !(ldl.pivots[k] * signs[k] > RegularizedLDL.smallestPivot)
      }
      if !wrong { return true }
      epsilon *= 10
      needed = epsilon
    }
    return false
  }

  /// ``solution`` ← K⁻¹ ``right``.
  ///
  /// - Parameter tolerance: A residual that is small enough, where it is not below rounding.
  /// - Returns: The largest element of the residual; NaN where there is no solution.
  func solve(to tolerance: Double = 0) -> Double {
    solution.update(from: right, count: ldl.order)
    ldl.solvePermuted(solution)
    return refine(to: tolerance)
  }

  /// Refines ``solution``, which is near K⁻¹ ``right``.
  ///
  /// - Parameter tolerance: A residual that is small enough, where it is not below rounding.
  /// - Returns: The largest element of the residual; NaN where there is no solution.
  func refine(to tolerance: Double = 0) -> Double {
    let order = ldl.order
    var size = 0.0
    for k in 0..<order { size = max(size, abs(right[k])) }
    let rounding = RegularizedLDL.absoluteTolerance + RegularizedLDL.relativeTolerance * size
    let enough = max(tolerance, rounding)
    var error = measure()
    for _ in 0..<RegularizedLDL.refinements where error > enough {
      best.update(from: solution, count: order)
      ldl.solvePermuted(residual)
      for k in 0..<order { solution[k] += residual[k] }
      let next = measure()
      if !(next < error) {
        solution.update(from: best, count: order)
        break
      }
      let gain = error / next
      error = next
      if gain < RegularizedLDL.leastGain { break }
    }
    return error
  }

  /// residual ← right − K solution; its largest element.
  private func measure() -> Double {
    ldl.multiplyPermuted(solution, into: residual)
    var (most, sum) = (0.0, 0.0)
    for k in 0..<ldl.order {
      residual[k] = right[k] - residual[k] + epsilon * signs[k] * solution[k]
      most = max(most, abs(residual[k]))
      sum += residual[k]
    }
    return sum.isNaN ? .nan : most
  }
}
