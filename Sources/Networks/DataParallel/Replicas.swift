/// The machines that train one network together, each with a part of every batch.
public struct Replicas: Sendable {
  /// Whose statistics batch norms in training use.
  public enum Statistics: String, Sendable, CaseIterable {
    /// The whole batch's, as on one machine: three small sums over the machines per batch norm.
    case synchronized
    /// The machine's part's. Running statistics are averaged over the machines after each epoch.
    case local
  }

  /// How the machines talk to each other.
  public let communicator: any Communicator
  /// Whose statistics batch norms use.
  public let statistics: Statistics
  /// The bytes of gradients that are sent at once.
  public let bucketBytes: Int

  /// The given machines.
  ///
  /// - Parameters:
  ///   - communicator: How they talk to each other.
  ///   - statistics: Whose statistics batch norms use.
  ///   - bucketBytes: The bytes of gradients that are sent at once: few enough that the first are on
  ///     their way early, enough that bandwidth and not latency counts.
  public init(
    _ communicator: any Communicator, statistics: Statistics = .synchronized,
    bucketBytes: Int = 4 << 20
  ) {
    precondition(bucketBytes > 0, "Replicas: buckets of \(bucketBytes) bytes")
    (self.communicator, self.statistics, self.bucketBytes) = (
      communicator, statistics, bucketBytes
    )
  }
}

/// Which images each machine trains on.
enum Shards {
  /// Whole groups, the largest first, each to the machine with the fewest images so far.
  ///
  /// - Parameters:
  ///   - groups: The group of each image.
  ///   - count: The number of machines.
  /// - Returns: The images of each machine, ascending.
  static func assign(groups: [Int], count: Int) -> [[Int]] {
    let members = Dictionary(grouping: groups.indices) { groups[$0] }
    let largestFirst = members.sorted { a, b in
      (b.value.count, a.key) < (a.value.count, b.key)
    }
    var shards = [[Int]](repeating: [], count: count)
    for (_, images) in largestFirst {
      let smallest = shards.indices.min { shards[$0].count < shards[$1].count } ?? 0
      shards[smallest] += images
    }
    return shards.map { $0.sorted() }
  }
}
