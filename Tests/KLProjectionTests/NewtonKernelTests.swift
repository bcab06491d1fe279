import CKernels
import ConvexKit
import KLProjection
import RealModule
import TestSupport
import Testing

/// The loops of Newton's method, against the library's functions and dense sums.
struct NewtonKernelTests {
  @Test func `logarithms are the library's`() {
    var random = SeededGenerator(seed: 64)
    var x = [1, 2, 0.5, 1 + .ulpOfOne, 1 - .ulpOfOne / 2, .leastNormalMagnitude]
    x += [.greatestFiniteMagnitude, .pi, 2.0.squareRoot(), 2.0.squareRoot().nextDown]
    x += (0..<1000).map { _ in Double.exp(random.uniform(in: -700..<700)) }
    x += (0..<1000).map { _ in 1 + random.uniform(in: -0.3..<0.4) }
    var y = [Double](repeating: .nan, count: x.count)
    ckernels_log_doubles(Int64(x.count), x, &y)
    for (x, y) in zip(x, y) {
      #expect(abs(y - .log(x)) <= 2 * .ulpOfOne * abs(.log(x)), "\(x)")
    }
  }

  @Test(arguments: [0, 1, 7, 8, 9, 100])
  func `extremes are found wherever they are`(_ count: Int) {
    var random = SeededGenerator(seed: 65)
    let values = (0..<count).map { _ in random.normal() }
    var (least, most) = (Double.infinity, -Double.infinity)
    ckernels_extremes(Int64(count), values, &least, &most)
    #expect(least == values.min() ?? .infinity && most == values.max() ?? -.infinity)
  }

  @Test(arguments: [(1, 0), (4, 3), (6, 1), (23, 5), (40, 39), (64, 17), (101, 8)])
  func `symmetric bands are solved`(_ rows: Int, _ bandwidth: Int) {
    var random = SeededGenerator(seed: 66)
    let stride = Int(ckernels_upper_band_stride(Int64(bandwidth)))
    let padded = Int(ckernels_upper_band_rows(Int64(rows)))
    // One column of A for each pair of rows, which may be the same row twice.
    var (starts, indices, values) = ([Int32(0)], [Int32](), [Double]())
    for row in 0..<rows {
      for other in row..<min(rows, row + bandwidth + 1) {
        for cell in row == other ? [row] : [row, other] {
          indices.append(Int32(cell))
          values.append(random.uniform() + 0.1)
        }
        starts.append(Int32(indices.count))
      }
    }
    let masses = (1..<starts.count).map { _ in random.uniform() }
    let roots = (0..<rows).map { _ in random.uniform() + 0.5 }
    var dense = [[Double]](
      repeating: Array(repeating: 0, count: rows), count: rows)
    for row in 0..<rows { dense[row][row] = 0.7 }
    for column in masses.indices {
      let range = Int(starts[column])..<Int(starts[column + 1])
      for p in range {
        for q in range {
          let (i, k) = (Int(indices[p]), Int(indices[q]))
          dense[i][k] += 1.3 * masses[column] * values[p] * values[q] * roots[i] * roots[k]
        }
      }
    }
    var band = [Double](repeating: .nan, count: padded * stride)
    ckernels_assemble_upper(
      Int64(rows), Int64(masses.count), starts, indices, values, masses, roots, 0.7, 1.3,
      Int64(bandwidth), &band)
    let expected = (0..<2).map { _ in (0..<rows).map { _ in random.normal() } }
    let spacing = padded + 3
    var x = [Double](repeating: 0, count: 2 * spacing)
    for side in 0..<2 {
      for row in 0..<rows {
        x[side * spacing + row] = zip(dense[row], expected[side]).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    var pivots = [Double](repeating: .nan, count: padded)
    ckernels_upper_band_solve(
      Int64(rows), Int64(bandwidth), &band, 2, Int64(spacing), &x, &pivots)
    for side in 0..<2 {
      for row in 0..<rows {
        #expect(abs(x[side * spacing + row] - expected[side][row]) < 1e-12)
      }
    }
  }

  /// One cell's mass is 1e-217 of the others' or 1e-390 of them: there is nothing else to tell apart.
  @Test(arguments: [RandomInstance.Family.tent3, .tent4, .shares, .general, .windows])
  func `close masses and far ones have the same solution`(
    _ family: RandomInstance.Family
  ) throws {
    for seed in 90..<94 as Range<UInt64> {
      let instance = try RandomInstance(family, seed: seed, spread: 2)
      func project(_ least: Double) throws -> (Projection<Double>, [Double], [Double]) {
        var copy = instance
        copy.fine[5] = least
        let result = try copy.project()
        let gradient = try result.pullBack(
          fine: instance.direction.fine, coarse: instance.direction.coarse)
        return (result, gradient.fine, gradient.coarse)
      }
      let (close, closeFine, closeCoarse) = try project(-500)
      let (far, farFine, farCoarse) = try project(-900)
      #expect(close.status == .solved && far.status == .solved)
      #expect(abs(close.optimum - far.optimum) < 1e-12 * (1 + far.optimum))
      #expect(difference(close.fine, far.fine) < 1e-13)
      #expect(difference(close.coarse, far.coarse) < 1e-13)
      #expect(difference(closeFine, farFine) < 1e-11)
      #expect(difference(closeCoarse, farCoarse) < 1e-11)
    }
  }

  /// Entries of any size do, as long as masses can balance.
  @Test(arguments: [1e-200, 1e-3, 1e3, 1e200], [false, true])
  func `entries of any size are projected`(_ size: Double, _ isUncovered: Bool) throws {
    // Two cells of column sums above and below 1, and two whose columns sum to 1.
    let other = isUncovered && size > 1 ? [] : [(1, 1 / size)]
    let columns: [[(Int, Double)]] = [
      [(0, size)], other, [(0, 0.5), (1, 0.5)], [(0, 1)],
    ]
    let projection = MarginalProjection(
      try RandomInstance.columns(4, 2) { columns[$0] })
    let result = try projection.project(
      fine: [0.3, 0.1, 0.4, 0.2], coarse: [0.6, 0.4])[0]
    #expect(result.status == .solved && abs(result.gap) < 1e-12)
    #expect(abs(result.fine.reduce(0, +) - 1) < 1e-14)
    #expect(abs(result.coarse.reduce(0, +) - 1) < 1e-12)
    let marginal = projection.marginalization.marginal(of: result.fine)
    for (ν, expected) in zip(result.coarse, marginal) {
      #expect(abs(ν - expected) <= 1e-12 * expected)
    }
  }

  private func difference(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }
}
