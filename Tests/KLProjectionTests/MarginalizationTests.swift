import ConvexKit
import KLProjection
import TestSupport
import Testing

struct MarginalizationTests {
  @Test func `grids are pooled by blocks of any factors, row by row`() throws {
    let pooling = try Marginalization(fine: [4, 6], coarse: [2, 2])
    #expect(
      pooling.labels == [
        0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 2, 2, 2, 3, 3, 3,
      ])
    #expect(pooling.isPartition && pooling.isColumnStochastic)
    #expect(pooling.fineCount == 24 && pooling.coarseCount == 4)
    #expect(try Marginalization(fine: [6], coarse: [3]).labels == [0, 0, 1, 1, 2, 2])
    #expect(
      try Marginalization(fine: [2, 2, 2], coarse: [1, 2, 1]).labels == [0, 0, 1, 1, 0, 0, 1, 1])
    #expect(try Marginalization(fine: [1, 1], coarse: [1, 1]).labels == [0])
  }

  @Test func `grids that do not divide are refused`() {
    #expect(throws: ProjectionError.notDivisible(fine: [4, 6], coarse: [2, 4])) {
      try Marginalization(fine: [4, 6], coarse: [2, 4])
    }
    #expect(throws: ProjectionError.notDivisible(fine: [4], coarse: [2, 2])) {
      try Marginalization(fine: [4], coarse: [2, 2])
    }
    #expect(throws: ProjectionError.notDivisible(fine: [2], coarse: [4])) {
      try Marginalization(fine: [2], coarse: [4])
    }
    #expect(throws: ProjectionError.empty(operand: "fine")) {
      try Marginalization(fine: [4, 0], coarse: [1, 1])
    }
    #expect(throws: ProjectionError.empty(operand: "coarse")) {
      try Marginalization(fine: [4], coarse: [0])
    }
  }

  @Test func `labels out of range are refused`() {
    #expect(throws: ProjectionError.labelOutOfRange(index: 1, label: 2, coarseCount: 2)) {
      try Marginalization(labels: [0, 2], coarseCount: 2)
    }
    #expect(throws: ProjectionError.labelOutOfRange(index: 0, label: -1, coarseCount: 2)) {
      try Marginalization(labels: [-1, 0], coarseCount: 2)
    }
    #expect(throws: ProjectionError.empty(operand: "fine")) {
      try Marginalization(labels: [], coarseCount: 2)
    }
    #expect(throws: ProjectionError.empty(operand: "coarse")) {
      try Marginalization(labels: [0], coarseCount: 0)
    }
  }

  @Test func `sparse matrices are checked entry by entry`() {
    func expect(
      _ error: ProjectionError, _ starts: [Int], _ columns: [Int], _ values: [Double],
      _ location: SourceLocation = #_sourceLocation
    ) {
      #expect(throws: error, sourceLocation: location) {
        try Marginalization(
          rowStarts: starts, columnIndices: columns, values: values, fineCount: 3)
      }
    }
    expect(.empty(operand: "coarse"), [0], [], [])
    expect(.shapeMismatch(operand: "matrix", expected: [2], actual: [1]), [0, 2], [0, 1], [1])
    expect(.rowStarts(index: 0, value: 1), [1, 2], [0, 1], [1, 1])
    expect(.rowStarts(index: 1, value: 3), [0, 3, 2], [0, 1], [1, 1])
    expect(.rowStarts(index: 2, value: 1), [0, 2, 1], [0, 1], [1, 1])
    expect(.rowStarts(index: 2, value: 1), [0, 1, 1], [0, 1], [1, 1])
    expect(.columnOutOfRange(entry: 1, column: 3, fineCount: 3), [0, 2], [0, 3], [1, 1])
    expect(.columnOutOfRange(entry: 0, column: -1, fineCount: 3), [0, 2], [-1, 0], [1, 1])
    expect(.duplicateEntry(row: 0, column: 1), [0, 2], [1, 1], [0.5, 0.5])
    expect(.notANumber(operand: "matrix", index: 1), [0, 2], [0, 1], [1, .nan])
    expect(.infinite(operand: "matrix", index: 0), [0, 2], [0, 1], [.infinity, 1])
    expect(.negative(operand: "matrix", index: 1, value: -1), [0, 2], [0, 1], [1, -1])
    #expect(throws: ProjectionError.shapeMismatch(operand: "fine", expected: [3], actual: [2, 2])) {
      try Marginalization(
        rowStarts: [0, 3], columnIndices: [0, 1, 2], values: [1, 1, 1], fineCount: 3,
        fineShape: [2, 2])
    }
    #expect(throws: ProjectionError.shapeMismatch(operand: "coarse", expected: [1], actual: [2])) {
      try Marginalization(
        rowStarts: [0, 3], columnIndices: [0, 1, 2], values: [1, 1, 1], fineCount: 3,
        coarseShape: [2])
    }
    #expect(
      throws: ProjectionError.shapeMismatch(operand: "matrix", expected: [2, 3], actual: [2, 1])
    ) { try Marginalization(matrix: [[1, 0, 0], [1]], fineCount: 3) }
    #expect(throws: ProjectionError.empty(operand: "coarse")) {
      try Marginalization(matrix: [], fineCount: 3)
    }
    #expect(throws: ProjectionError.empty(operand: "fine")) {
      try Marginalization(rowStarts: [0, 0], columnIndices: [], values: [], fineCount: 0)
    }
  }

  @Test func `a matrix of single ones is recognized as a partition, zeros and order aside`() throws
  {
    let matrix = try Marginalization(
      rowStarts: [0, 3, 5], columnIndices: [2, 0, 1, 3, 1], values: [1, 1, 0, 1, 1], fineCount: 4)
    #expect(matrix.labels == [0, 1, 0, 1])
    #expect(matrix == (try Marginalization(labels: [0, 1, 0, 1], coarseCount: 2)))
    #expect(try Marginalization(matrix: [[1, 0.5], [0, 0.5]], fineCount: 2).labels == nil)
    #expect(try Marginalization(matrix: [[1, 0.5]], fineCount: 2).labels == nil)
    #expect(try Marginalization(matrix: [[1, 0]], fineCount: 2).labels == nil)
    // One parent with the weight 1 up to rounding is a partition, too.
    #expect(try Marginalization(matrix: [[1 - 1e-16, 1]], fineCount: 2).labels == [0, 0])
  }

  @Test func `columns that sum to one up to rounding are divided by their sums`() throws {
    let third = Double(Float(1) / 3)
    let matrix = try Marginalization(
      matrix: [[third, 0.5], [third, 0.5 + 1e-7], [third, 0]], fineCount: 2)
    #expect(matrix.isColumnStochastic)
    #expect(maximumAbsoluteDifference(matrix.spread([1.0, 1, 1]), [1, 1]) < 1e-15)
    let other = try Marginalization(
      matrix: [[third, 0.5], [third, 0.51], [third, 0]], fineCount: 2)
    #expect(!other.isColumnStochastic)
  }

  @Test(arguments: RandomInstance.Family.allCases)
  func `the marginal and the spread are each other's transposes`(
    _ family: RandomInstance.Family
  ) throws {
    let instance = try RandomInstance(family, seed: 1, spread: 1)
    let marginal = instance.marginalization.marginal(of: instance.fine)
    let spread = instance.marginalization.spread(instance.coarse)
    let left = zip(marginal, instance.coarse).reduce(0) { $0 + $1.0 * $1.1 }
    let right = zip(spread, instance.fine).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(left - right) < 1e-12)
  }

  @Test func `errors say what is wrong and what would be right`() {
    let descriptions: [(ProjectionError, String)] = [
      (.empty(operand: "fine"), "fine is empty"),
      (.shapeMismatch(operand: "fine", expected: [2, 4], actual: [7]), "[7], expected [2, 4]"),
      (.notDivisible(fine: [5], coarse: [2]), "[2] does not divide [5]"),
      (.labelOutOfRange(index: 3, label: 9, coarseCount: 4), "labels[3] is 9"),
      (.rowStarts(index: 1, value: 8), "row start 1 is 8"),
      (.columnOutOfRange(entry: 2, column: 7, fineCount: 4), "column 7"),
      (.duplicateEntry(row: 1, column: 2), "row 1 stores column 2 twice"),
      (.notPartition(operand: "level 2"), "level 2 is no partition"),
      (.notANumber(operand: "weights", index: 0), "weights[0] is not a number"),
      (.infinite(operand: "coarse", index: 1), "coarse[1] is infinite"),
      (.negative(operand: "fine", index: 1, value: -0.5), "fine[1] is -0.5"),
      (.notPositive(operand: "weights", index: 1, value: 0), "weights[1] is 0.0"),
      (.noMass(operand: "coarse"), "coarse has no mass"),
      (.notSolved(residual: 0.5), "not solved (residual 0.5)"),
    ]
    for (error, text) in descriptions { #expect("\(error)".contains(text)) }
  }
}
