import ConvexKit

/// Which images an epoch visits, in which order: a function of the labels, the seed and the epoch
/// alone, so that a continued run sees what the uninterrupted one would have seen.
public enum Sampling: String, Sendable, Codable, CaseIterable {
  /// Every image once.
  case shuffled
  /// As many images as there are, the same number of every class.
  ///
  /// Each class is visited in whole passes over its images and a part of one more, so that no image
  /// is drawn twice more often than another of its class.
  case balanced

  /// The images of an epoch in their order.
  ///
  /// - Parameters:
  ///   - labels: The class of each image.
  ///   - seed: The seed of the run.
  ///   - epoch: The epoch, from 1.
  /// - Returns: As many indices as there are labels.
  public func order(labels: [Int], seed: UInt64, epoch: Int) -> [Int] {
    var generator = SeededGenerator(seed: seed, name: "order.\(epoch)")
    switch self {
    case .shuffled:
      return labels.indices.shuffled(using: &generator)
    case .balanced:
      let images = Dictionary(grouping: labels.indices) { labels[$0] }
      let classes = images.keys.sorted().shuffled(using: &generator)
      let draws = evenParts(of: labels.count, count: classes.count)
      var drawn: [Int] = []
      for (label, draws) in zip(classes, draws) {
        let members = images[label] ?? []
        for _ in 0..<draws.count / members.count { drawn += members }
        drawn += members.shuffled(using: &generator).prefix(draws.count % members.count)
      }
      return drawn.shuffled(using: &generator)
    }
  }
}

/// The number of batches of at most `size` that `count` images make. Cut evenly, their sizes differ by
/// at most one: no last batch of one image, whose batch norms would have nothing to average.
func batchCount(of count: Int, size: Int) -> Int { (count + size - 1) / size }

/// The ranges of `total` things cut into `count` parts whose sizes differ by at most one, the larger
/// ones first.
func evenParts(of total: Int, count: Int) -> [Range<Int>] {
  guard count > 0 else { return [] }
  let (size, larger) = total.quotientAndRemainder(dividingBy: count)
  return (0..<count).map { part in
    let start = part * size + min(part, larger)
    return start..<start + size + (part < larger ? 1 : 0)
  }
}
