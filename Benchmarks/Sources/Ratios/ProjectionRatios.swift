import CSoftmax
import ConvexKit
import KLProjection

/// What the projection promises: to cost about as much as a copy of its maps.
enum ProjectionRatios {
  static let rows = [
    probabilities(count: 16384, threads: 2, limit: 1.25),
    probabilities(count: 256, threads: 1, limit: 1.4),
    pullBack(count: 16384, threads: 2, limit: 1.6),
    potentials(count: 16384, threads: 2, limit: 2.5),
    potentials(count: 256, threads: 1, limit: 2.5),
  ]

  private static let sizes = (fine: 32 * 32, coarse: 16 * 16)

  private static func probabilities(count: Int, threads: Int, limit: Double) -> RatioRow {
    let name = "projection from probabilities over copy, \(label(count, threads))"
    return RatioRow(name: name, limit: limit) { seconds in
      let maps = try Maps(count: count, threads: threads)
      try maps.project(.probabilities)
      try maps.check(.probabilities)
      let copy = CopyBaseline(count: count, sizes: [sizes.fine, sizes.coarse], threads: threads)
      return try InterleavedTiming(
        seconds: seconds, work: { try maps.project(.probabilities) }, reference: { copy.run() })
    }
  }

  private static func potentials(count: Int, threads: Int, limit: Double) -> RatioRow {
    let name = "projection from potentials over oneDNN's softmax, \(label(count, threads))"
    return RatioRow(name: name, limit: limit) { seconds in
      let maps = try Maps(count: count, threads: threads)
      try maps.project(.potentials)
      try maps.check(.potentials)
      let softmax = try Softmaxes(maps, threads: threads)
      return try InterleavedTiming(
        seconds: seconds, work: { try maps.project(.potentials) }, reference: { softmax.run() })
    }
  }

  private static func pullBack(count: Int, threads: Int, limit: Double) -> RatioRow {
    let name = "vector-Jacobian product over copy, \(label(count, threads))"
    return RatioRow(name: name, limit: limit) { seconds in
      let maps = try Maps(count: count, threads: threads)
      let batch = try maps.projected()
      maps.pullBack(batch)
      try maps.checkPullBack(batch)
      // Three maps of each size are touched, where a copy touches two: half as many copies more.
      let copy = CopyBaseline(
        count: count * 3 / 2, sizes: [sizes.fine, sizes.coarse], threads: threads)
      return InterleavedTiming(
        seconds: seconds, work: { maps.pullBack(batch) }, reference: { copy.run() })
    }
  }

  private static func label(_ count: Int, _ threads: Int) -> String {
    "32x32 to 16x16, \(count) instances, \(threads) thread\(threads > 1 ? "s" : "")"
  }
}
