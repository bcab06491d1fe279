/// The yardstick against itself: how far from 1 these ratios are is what the machine's noise does
/// to every other row.
enum CopyRatios {
  static let rows = [
    row("copy against itself, 16384 instances, 2 threads", count: 16384, threads: 2),
    row("copy against itself, 256 instances, 1 thread", count: 256, threads: 1),
  ]

  private static func row(_ name: String, count: Int, threads: Int) -> RatioRow {
    RatioRow(name: name, limit: 1.05) { seconds in
      let copy = CopyBaseline(count: count, sizes: [32 * 32, 16 * 16], threads: threads)
      copy.clear()
      copy.run()
      guard copy.isCopied else { throw WrongAnswer(description: "the copy differs") }
      return InterleavedTiming(seconds: seconds, work: { copy.run() }, reference: { copy.run() })
    }
  }
}
