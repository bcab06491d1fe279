import Testing

@testable import Networks

@Suite struct SamplingTests {
  private let labels = [0, 0, 0, 0, 0, 0, 0, 1, 1, 2]

  @Test(arguments: Sampling.allCases)
  func `an order is a function of seed and epoch`(sampling: Sampling) {
    func order(_ seed: UInt64, _ epoch: Int) -> [Int] {
      sampling.order(labels: labels, seed: seed, epoch: epoch)
    }
    #expect(order(4, 2) == order(4, 2))
    #expect(order(4, 2) != order(4, 3) && order(4, 2) != order(5, 2))
    #expect(order(4, 2).count == labels.count)
  }

  @Test func `a shuffled epoch has every image once`() {
    #expect(Sampling.shuffled.order(labels: labels, seed: 1, epoch: 1).sorted() == Array(0..<10))
  }

  @Test func `a balanced epoch has as many images of every class, and of each image of a class`() {
    var firstTen = Set<Int>()
    for epoch in 1...20 {
      let order = Sampling.balanced.order(labels: labels, seed: 1, epoch: epoch)
      let counts = (0..<3).map { label in order.count { labels[$0] == label } }
      #expect(counts.sorted() == [3, 3, 4])
      for label in 0..<3 {
        let draws = labels.indices.filter { labels[$0] == label }.map { index in
          order.count { $0 == index }
        }
        #expect((draws.max() ?? 0) - (draws.min() ?? 0) <= 1)
      }
      firstTen.formUnion(order)
    }
    #expect(firstTen.count == 10)
  }

  @Test func `parts differ by at most one`() {
    #expect(evenParts(of: 10, count: 4) == [0..<3, 3..<6, 6..<8, 8..<10])
    #expect(evenParts(of: 0, count: 0).isEmpty)
    #expect(evenParts(of: 17, count: batchCount(of: 17, size: 16)) == [0..<9, 9..<17])
    #expect(evenParts(of: 16, count: batchCount(of: 16, size: 16)) == [0..<16])
  }

  @Test func `balanced class weights come from the counts`() throws {
    #expect(try ClassWeighting.uniform.weights(labels: labels, classes: 3) == nil)
    let weights = try #require(try ClassWeighting.balanced.weights(labels: labels, classes: 4))
    let expected: [Float] = [10 / 28, 10 / 8, 10 / 4, 0]
    #expect(weights == expected)
    #expect(try ClassWeighting.given([1, 2, 3]).weights(labels: labels, classes: 3) == [1, 2, 3])
    for wrong in [[1, 2], [1, 0, 1], [1, .nan, 1]] as [[Float]] {
      #expect(
        throws: TrainingError.unfit(
          reason: "class weights \(wrong) are not 3 positive numbers, one for each class")
      ) { try ClassWeighting.given(wrong).weights(labels: labels, classes: 3) }
    }
  }

  @Test func `a spread is a mean and a deviation`() {
    let spread = Spread([2, 4, 4, 4, 5, 5, 7, 9])
    #expect(spread.mean == 5 && spread.count == 8)
    #expect(abs(spread.standardDeviation - (32.0 / 7).squareRoot()) < 1e-15)
    #expect(Spread([3]).standardDeviation == 0)
  }
}
