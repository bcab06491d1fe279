/// The map A from fine to coarse cells: ν = Aμ, A ≥ 0, `[n, m]`.
///
/// In the paper A_ij = 1 when fine cell j lies in the set N(i) of coarse cell i, and every fine
/// cell lies in exactly one: A is a *partition*, and Eq. 4 has a closed form. Windows that overlap
/// give a general sparse A. They are well posed when every column sums to 1, so that A takes
/// distributions to distributions.
///
/// ```
/// let pooling = try Marginalization(fine: [64, 64], coarse: [32, 32])
/// ```
///
/// - Source: Ron et al., ICML 2022, eq. 4.
public struct Marginalization: Sendable {
  /// The shape of the fine map: a grid's sides, or `[m]`.
  public let fineShape: [Int]
  /// The shape of the coarse map: a grid's sides, or `[n]`.
  public let coarseShape: [Int]
  /// The coarse cell of every fine cell when A is a partition, nil otherwise.
  public let labels: [Int]?
  /// Row i holds the fine cells of coarse cell i.
  package let rows: CompressedMatrix
  /// Row j holds the coarse cells of fine cell j, its *parents*.
  package let columns: CompressedMatrix
  /// d_j = Σ_i A_ij − 1, exactly 0 where the sum is 1 up to rounding.
  let columnExcess: [Double]
  /// The face of samples without zeros; nil when it is empty, and for partitions, which need none.
  private(set) var commonFace: Face?

  /// The number m of fine cells.
  public var fineCount: Int { columns.rowCount }
  /// The number n of coarse cells.
  public var coarseCount: Int { rows.rowCount }
  /// Whether every fine cell lies in exactly one coarse cell, with weight 1.
  public var isPartition: Bool { labels != nil }
  /// Whether every column of A sums to 1, so that Aμ is a distribution whenever μ is one.
  public let isColumnStochastic: Bool

  /// The partition that puts fine cell j into coarse cell `labels[j]`.
  ///
  /// A coarse cell that no label names is empty: it can carry no mass.
  ///
  /// - Parameters:
  ///   - labels: The coarse cell of each fine cell, `[m]`, in any order.
  ///   - coarseCount: The number n of coarse cells.
  /// - Throws: ``ProjectionError/empty(operand:)``, ``ProjectionError/labelOutOfRange(index:label:coarseCount:)``.
  public init(labels: [Int], coarseCount: Int) throws(ProjectionError) {
    try self.init(
      labels: labels, fineShape: [labels.count], coarseShape: [coarseCount],
      coarseCount: coarseCount)
  }

  init(
    labels: [Int], fineShape: [Int], coarseShape: [Int], coarseCount: Int
  ) throws(ProjectionError) {
    guard !labels.isEmpty else { throw .empty(operand: "fine") }
    guard coarseCount > 0 else { throw .empty(operand: "coarse") }
    for (index, label) in labels.enumerated() where !(0..<coarseCount).contains(label) {
      throw .labelOutOfRange(index: index, label: label, coarseCount: coarseCount)
    }
    let columns = CompressedMatrix(
      starts: (0...labels.count).map { Int32($0) }, indices: labels.map { Int32($0) },
      values: [Double](repeating: 1, count: labels.count))
    self.init(
      fineShape: fineShape, coarseShape: coarseShape, labels: labels,
      rows: columns.transposed(columnCount: coarseCount), columns: columns,
      columnExcess: [Double](repeating: 0, count: labels.count))
  }

  init(
    fineShape: [Int], coarseShape: [Int], labels: [Int]?, rows: CompressedMatrix,
    columns: CompressedMatrix, columnExcess: [Double]
  ) {
    self.fineShape = fineShape
    self.coarseShape = coarseShape
    self.labels = labels
    self.rows = rows
    self.columns = columns
    self.columnExcess = columnExcess
    isColumnStochastic = columnExcess.allSatisfy { $0 == 0 }
    if labels == nil { commonFace = Face(self, isPossible: { _ in true }, { _ in true }) }
  }
}

extension Marginalization: Equatable {
  /// Whether the maps have the same shapes and A is the same.
  public static func == (a: Marginalization, b: Marginalization) -> Bool {
    a.fineShape == b.fineShape && a.coarseShape == b.coarseShape && a.columns == b.columns
  }
}

extension Marginalization {
  /// The marginal Aμ of a fine map.
  ///
  /// - Shapes: μ `[m]` → `[n]`.
  /// - Parameter fine: The map μ.
  /// - Returns: Σ_j A_ij μ_j for every coarse cell i.
  public func marginal<Scalar: ProjectionScalar>(of fine: [Scalar]) -> [Scalar] {
    precondition(
      fine.count == fineCount, "marginal(of:): \(fine.count) cells, expected \(fineCount)")
    return product(rows, fine)
  }

  /// The coarse map λ seen from the fine cells, Aᵀλ.
  ///
  /// - Shapes: λ `[n]` → `[m]`.
  /// - Parameter coarse: The map λ.
  /// - Returns: Σ_i A_ij λ_i for every fine cell j.
  public func spread<Scalar: ProjectionScalar>(_ coarse: [Scalar]) -> [Scalar] {
    precondition(
      coarse.count == coarseCount, "spread: \(coarse.count) cells, expected \(coarseCount)")
    return product(columns, coarse)
  }

  private func product<Scalar: ProjectionScalar>(
    _ matrix: CompressedMatrix, _ vector: [Scalar]
  ) -> [Scalar] {
    (0..<matrix.rowCount).map { row in
      var sum = 0.0
      for entry in matrix.range(row) {
        sum += matrix.values[entry] * Double(vector[Int(matrix.indices[entry])])
      }
      return Scalar(sum)
    }
  }
}
