/// All that one method gave with one seed: what tables, curves and panels are made of.
///
/// Nothing in it depends on when or how fast it was made.
public struct MethodRecord: Sendable, Codable, Equatable {
  /// The method.
  public var method: Method
  /// The seed of its network.
  public var seed: UInt64
  /// How its network classifies the held-out images.
  public var network: NetworkScore
  /// What it reaches at the third block; nil without maps there.
  public var third: BlockScore?
  /// What it reaches at the fourth block; nil without maps there.
  public var fourth: BlockScore?
  /// How consistent its two maps are; nil unless there are two.
  public var consistency: ConsistencyScore?
  /// The largest |gap| of a method that promises completeness, in units of the score.
  public var completenessGap: Double?
  /// Its maps of the images that the report shows; empty for all but the first seed.
  public var panels: [PanelMaps] = []

  /// A record without scores.
  public init(method: Method, seed: UInt64, network: NetworkScore) {
    (self.method, self.seed, self.network) = (method, seed, network)
  }

  /// What it reaches at a block.
  public subscript(block: Block) -> BlockScore? {
    get { block == .third ? third : fourth }
    set { if block == .third { third = newValue } else { fourth = newValue } }
  }

  /// How a network classifies the held-out images.
  public struct NetworkScore: Sendable, Codable, Equatable {
    /// The fraction that is right.
    public var accuracy: Double
    /// The mean over the classes of the fraction that is right.
    public var balancedAccuracy: Double
    /// In nats.
    public var crossEntropy: Double

    /// The given numbers.
    public init(accuracy: Double, balancedAccuracy: Double, crossEntropy: Double) {
      (self.accuracy, self.balancedAccuracy) = (accuracy, balancedAccuracy)
      self.crossEntropy = crossEntropy
    }
  }

  /// The maps of one image.
  public struct PanelMaps: Sendable, Codable, Equatable {
    /// The image's number among the held-out ones.
    public var image: Int
    /// The class that was found.
    public var found: Int
    /// The maps by block.
    public var maps: [Map]

    /// The given maps.
    public init(image: Int, found: Int, maps: [Map]) {
      (self.image, self.found, self.maps) = (image, found, maps)
    }
  }

  /// One map.
  public struct Map: Sendable, Codable, Equatable {
    /// Whose cells it has.
    public var block: Block
    /// Rows and columns.
    public var grid: [Int]
    /// The values, row by row.
    public var values: [Float]

    /// The given map.
    public init(block: Block, grid: [Int], values: [Float]) {
      precondition(grid.count == 2 && grid.reduce(1, *) == values.count, "Map: \(grid)")
      (self.block, self.grid, self.values) = (block, grid, values)
    }
  }
}
