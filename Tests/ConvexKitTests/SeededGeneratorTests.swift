import ConvexKit
import Testing

@Suite struct SeededGeneratorTests {
  @Test func `the numbers are those of SplitMix64`() {
    for (seed, first) in [
      (0, 0xe220_a839_7b1d_cdaf), (1, 0x910a_2dec_8902_5cc1), (42, 0xbdd7_3226_2feb_6e95),
    ] as [(UInt64, UInt64)] {
      var generator = SeededGenerator(seed: seed)
      #expect(generator.next() == first)
    }
  }

  @Test func `the state is all there is`() {
    var one = SeededGenerator(seed: 3, name: "a")
    _ = (one.normal(), one.uniform())
    var other = SeededGenerator(seed: one.state)
    #expect(one.next() == other.next())
    #expect(SeededGenerator(seed: 3, name: "a") != SeededGenerator(seed: 3, name: "b"))
  }

  @Test func `moments are those of the distributions`() {
    var generator = SeededGenerator(seed: 17)
    let count = 20000
    let normal = (0..<count).map { _ in generator.normal() }
    let uniform = (0..<count).map { _ in generator.uniform(in: -1..<3) }
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(count) }
    #expect(abs(mean(normal)) < 0.03)
    #expect(abs(mean(normal.map { $0 * $0 }) - 1) < 0.04)
    #expect(abs(mean(uniform) - 1) < 0.03)
    #expect(uniform.allSatisfy { (-1..<3).contains($0) })
  }

  @Test func `skipping is the same as drawing`() {
    var (drawn, skipped) = (SeededGenerator(seed: 9), SeededGenerator(seed: 9))
    for _ in 0..<7 { _ = drawn.normal() }
    skipped.skip(14)
    #expect(drawn == skipped)
  }
}
