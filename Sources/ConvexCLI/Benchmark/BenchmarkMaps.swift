import ConvexKit
import DualLayer
import Foundation
import KLProjection

/// The pairs of maps that `convex benchmark` compares on, in the precision of a network.
struct BenchmarkMaps {
  /// Where they come from, in words.
  let source: String
  let projection: MarginalProjection
  let form: AttentionForm
  /// `[count, m]`
  let fine: [Float]
  /// `[count, n]`
  let coarse: [Float]
  /// The multipliers that were learned with the maps, if any: `[n]` or `[count, n]`.
  let learned: [Float]?

  var count: Int { coarse.count / marginalization.coarseCount }
  var marginalization: Marginalization { projection.marginalization }

  /// Maps as a trained network leaves them.
  init(_ file: InstanceFile) throws {
    let instance = try PairInstance(file)
    source = file.path
    projection = MarginalProjection(
      try Self.onGrids(instance.marginalization, file), weights: instance.weights)
    form = instance.maps.form
    fine = instance.maps.values[0].map { Float($0) }
    coarse = instance.maps.values[1].map { Float($0) }
    learned = file.has("lambda_in") ? try file.doubles("lambda_in").map { Float($0) } : nil
    let n = instance.marginalization.coarseCount
    if let learned, learned.count != n, learned.count != coarse.count {
      throw SolveError.shape(
        path: file.path, array: "lambda_in", expected: "[\(n)] or [\(coarse.count / n), \(n)]",
        actual: try file.shape("lambda_in"))
    }
  }

  /// Random potentials whose samples have something in common, so that a shared λ has something to
  /// learn: half of the variance is the same for all samples.
  init(
    fine fineShape: [Int], coarse coarseShape: [Int], count: Int, spread: Double, seed: UInt64
  ) throws {
    projection = try MarginalProjection(fine: fineShape, coarse: coarseShape)
    form = .potentials
    source = "random potentials of standard deviation \(spread), seed \(seed)"
    learned = nil
    func maps(_ cells: Int, _ name: String) -> [Float] {
      var generator = SeededGenerator(seed: seed, name: name)
      let scale = spread / 2.0.squareRoot()
      let common = (0..<cells).map { _ in generator.normal() }
      return (0..<count * cells).map {
        Float(scale * (common[$0 % cells] + generator.normal()))
      }
    }
    fine = maps(projection.marginalization.fineCount, "benchmark fine")
    coarse = maps(projection.marginalization.coarseCount, "benchmark coarse")
  }

  /// The same A as the pooling of a grid, when the file says that it is one: pooling is faster.
  private static func onGrids(
    _ marginalization: Marginalization, _ file: InstanceFile
  ) throws -> Marginalization {
    guard file.has("fine_shape", "coarse_shape") else { return marginalization }
    let (fine, coarse) = (try file.integers("fine_shape"), try file.integers("coarse_shape"))
    guard let pooling = try? Marginalization(fine: fine, coarse: coarse),
      pooling.labels == marginalization.labels
    else { return marginalization }
    return pooling
  }

  /// λ = `values` as a witness: one map for all samples, or one each.
  func witness(_ values: [Float]) throws -> any DualWitness<Float> {
    let n = marginalization.coarseCount
    return values.count == n
      ? SharedWitness(values) : try AmortizedWitness(values, coarseCount: n)
  }

  /// One line on the maps.
  var description: String {
    func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "×") }
    let weights = projection.weights
    return "\(count) pairs of maps, \(text(marginalization.fineShape)) to "
      + "\(text(marginalization.coarseShape)), w_f \(weights.fine), w_c \(weights.coarse): \(source)"
  }
}
