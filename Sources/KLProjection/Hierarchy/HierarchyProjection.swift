import ConvexKit

/// Eq. 4 for any number of maps, each the partition of the one before:
///
/// ```
/// minimize  Σ_t w_t KL(μ_t‖τ_t)   subject to  μ_{t+1} = P_t μ_t,  Σ μ_t = 1,  μ_t ≥ 0
/// ```
///
/// The solution takes one pass up and one pass down, without iteration. With two maps it is the
/// closed form of ``MarginalProjection``.
///
/// ```
/// let hierarchy = try HierarchyProjection(shapes: [[64, 64], [32, 32], [16, 16]])
/// let result = try hierarchy.project([fine, middle, coarse], as: .potentials)[0]
/// ```
public struct HierarchyProjection: Sendable, Equatable {
  /// P_t: where the cells of map t lie in map t + 1, fine to coarse.
  public let levels: [Marginalization]
  /// w_t, fine to coarse, one more than there are levels.
  public let weights: [Double]
  /// The threads over which a batch is spread; nil means all.
  public var threads: Int?

  /// A hierarchy of partitions.
  ///
  /// - Parameters:
  ///   - levels: P_t, each a partition, each as fine as the one before is coarse.
  ///   - weights: w_t > 0, fine to coarse; all 1 unless given.
  /// - Throws: The ``ProjectionError`` that names the first level or weight at fault.
  public init(_ levels: [Marginalization], weights: [Double]? = nil) throws(ProjectionError) {
    guard !levels.isEmpty else { throw .empty(operand: "levels") }
    for (index, level) in levels.enumerated() {
      guard level.isPartition else { throw .notPartition(operand: "level \(index + 1)") }
      guard index == 0 || level.fineCount == levels[index - 1].coarseCount else {
        throw .shapeMismatch(
          operand: "level \(index + 1)", expected: [levels[index - 1].coarseCount],
          actual: [level.fineCount])
      }
    }
    let weights = weights ?? [Double](repeating: 1, count: levels.count + 1)
    guard weights.count == levels.count + 1 else {
      throw .shapeMismatch(
        operand: "weights", expected: [levels.count + 1], actual: [weights.count])
    }
    try ProjectionWeights.check(weights)
    self.levels = levels
    self.weights = weights
  }

  /// A hierarchy of grids, each of which divides the one before.
  ///
  /// - Parameters:
  ///   - shapes: The grids, fine to coarse, at least two.
  ///   - weights: w_t > 0, fine to coarse; all 1 unless given.
  /// - Throws: The ``ProjectionError`` that names the first grid or weight at fault.
  public init(shapes: [[Int]], weights: [Double]? = nil) throws(ProjectionError) {
    var levels: [Marginalization] = []
    for (fine, coarse) in zip(shapes, shapes.dropFirst()) {
      levels.append(try Marginalization(fine: fine, coarse: coarse))
    }
    try self.init(levels, weights: weights)
  }

  /// The numbers of cells of the maps, fine to coarse.
  public var sizes: [Int] { [levels[0].fineCount] + levels.map { $0.coarseCount } }

  /// Projects a batch of families of maps.
  ///
  /// - Shapes: map t `[count, m_t]` → `[count]`; count follows from the arrays.
  /// - Parameters:
  ///   - maps: τ_t, or potentials of them, fine to coarse, each sample after sample.
  ///   - form: What the entries are.
  /// - Returns: One result per sample. Wrong entries are the status of their own sample.
  /// - Throws: ``ProjectionError/shapeMismatch(operand:expected:actual:)`` and
  ///   ``ProjectionError/empty(operand:)`` when the arrays are no batch at all.
  public func project<Scalar: ProjectionScalar>(
    _ maps: [[Scalar]], as form: AttentionForm = .probabilities
  ) throws(ProjectionError) -> [HierarchicalProjection<Scalar>] {
    let sizes = sizes
    guard maps.count == sizes.count else {
      throw .shapeMismatch(operand: "maps", expected: [sizes.count], actual: [maps.count])
    }
    guard !maps[0].isEmpty else { throw .empty(operand: "level 1") }
    let count = max(1, maps[0].count / sizes[0])
    for (index, map) in maps.enumerated() where map.count != count * sizes[index] {
      throw .shapeMismatch(
        operand: "level \(index + 1)", expected: [count, sizes[index]], actual: [map.count])
    }
    let results = Slots<HierarchicalProjection<Scalar>>(count: count)
    Parallel.forEachRange(count: count, threads: threads) { range in
      for index in range {
        let sample = zip(maps, sizes).map { map, size in
          Array(map[index * size..<(index + 1) * size])
        }
        results.fill(index, with: project(sample: sample, form))
      }
    }
    return results.filled()
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func project<Scalar>(
    sample: [[Scalar]], _ form: AttentionForm
  ) -> HierarchicalProjection<Scalar> {
    var potentials: [[Double]] = []
    for (index, map) in sample.enumerated() {
      let operand = "level \(index + 1)"
      if let error = map.withUnsafeBufferPointer({
        Sample.firstError(in: $0, form, operand: operand)
      }) {
        return .unsolved(self, .invalid(error, method: .closedForm))
      }
      potentials.append(
        map.withUnsafeBufferPointer { values in
          Sample(fine: values, coarse: values, form: form).normalizedLogarithms(of: values)
        })
    }
    guard let solution = HierarchySolution(self, potentials) else {
      return .unsolved(self, .infeasible(method: .closedForm))
    }
    return HierarchicalProjection(self, solution)
  }
}

/// Places for the results of a parallel loop, each filled once.
private struct Slots<Element>: @unchecked Sendable {
  private let places: UnsafeMutableBufferPointer<Element>

  init(count: Int) { places = .allocate(capacity: count) }

  func fill(_ index: Int, with element: Element) {
    places.initializeElement(at: index, to: element)
  }

  /// The elements; frees the places.
  func filled() -> [Element] {
    defer {
      places.deinitialize()
      places.deallocate()
    }
    return Array(places)
  }
}
