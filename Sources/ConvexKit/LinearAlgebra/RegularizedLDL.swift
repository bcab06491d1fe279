import CKernels

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
  /// What was added to it for the last factorization.
  private let added: UnsafeMutablePointer<Double>
  private let residual: UnsafeMutablePointer<Double>
  /// Of ``refine(width:to:)``: what may become ``solution``, whose place it then takes.
  private var candidate: UnsafeMutablePointer<Double>
  /// Of ``largest(_:_:)``.
  private let sizes: UnsafeMutablePointer<Double>
  private let arena = Arena()
  /// ε, as large as rounding asked for it so far.
  var needed = 0.0

  /// One or two right sides, in the permuted order; element k of both before element k + 1.
  let right: UnsafeMutablePointer<Double>
  /// Their solutions, likewise; elsewhere after every refinement.
  private(set) var solution: UnsafeMutablePointer<Double>

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
    (added, sizes) = (arena.numbers(order), arena.numbers(2))
    (residual, candidate) = (arena.numbers(2 * order), arena.numbers(2 * order))
    (right, solution) = (arena.numbers(2 * order), arena.numbers(2 * order))
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
    var epsilon = max(
      needed, RegularizedLDL.leastRegularization, min(wanted, RegularizedLDL.regularization))
    for k in 0..<order { constant[k] = ldl.values[Int(diagonal[k])] }
    while epsilon <= RegularizedLDL.largestRegularization {
      for k in 0..<order {
        added[k] = signs[k] * epsilon
        ldl.values[Int(diagonal[k])] = constant[k] + added[k]
      }
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
  /// - Parameters:
  ///   - width: How many right sides: 1 or 2.
  ///   - tolerance: A residual that is small enough, where it is not below rounding.
  /// - Returns: The largest element of each residual; NaN where there is no solution.
  func solve(width: Int = 1, to tolerance: Double = 0) -> SIMD2<Double> {
    solution.update(from: right, count: ldl.order * width)
    ldl.solvePermuted(solution, width: width)
    return refine(width: width, to: tolerance)
  }

  /// Refines ``solution``, which is near K⁻¹ ``right``. Right sides do not see each other: each
  /// solution is, to the bit, what it is alone.
  ///
  /// - Parameters:
  ///   - width: How many right sides: 1 or 2.
  ///   - tolerance: A residual that is small enough, where it is not below rounding.
  /// - Returns: The largest element of each residual; NaN where there is no solution.
  func refine(width: Int = 1, to tolerance: Double = 0) -> SIMD2<Double> {
    let count = ldl.order * width
    let size = largest(right, width)
    var enough = RegularizedLDL.absoluteTolerance + RegularizedLDL.relativeTolerance * size
    enough.replace(with: tolerance, where: enough .< tolerance)
    var error = measure(width)
    var isOpen = error .> enough
    for _ in 0..<RegularizedLDL.refinements where any(isOpen) {
      ldl.solvePermuted(residual, width: width)
      for k in 0..<count { candidate[k] = solution[k] + residual[k] }
      (solution, candidate) = (candidate, solution)
      let next = measure(width)
      let isTaken = isOpen .& (next .< error)
      for side in 0..<width where !isTaken[side] {
        for k in stride(from: side, to: count, by: width) { solution[k] = candidate[k] }
      }
      let isFast = error .>= RegularizedLDL.leastGain * next
      error.replace(with: next, where: isTaken)
      isOpen = isTaken .& isFast .& (error .> enough)
    }
    return error
  }

  /// residual ← right − K solution; its largest elements.
  private func measure(_ width: Int) -> SIMD2<Double> {
    ldl.residual(right, minus: added, solution, into: residual, width: width)
    return largest(residual, width)
  }

  /// The largest elements; 0 for a vector that is not there.
  private func largest(_ v: UnsafeMutablePointer<Double>, _ width: Int) -> SIMD2<Double> {
    ckernels_largest(Int32(ldl.order), Int32(width), v, sizes)
    return SIMD2(sizes[0], width > 1 ? sizes[1] : 0)
  }
}
