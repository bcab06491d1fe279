/// How long an experiment takes, from one step of each kind.
public struct TimeEstimate: Sendable, Equatable {
  /// One kind of work.
  public struct Item: Sendable, Equatable {
    /// What is done.
    public var name: String
    /// Seconds for one image.
    public var secondsPerImage: Double
    /// How many images there are, over all seeds and passes.
    public var images: Int

    /// The given work.
    public init(name: String, secondsPerImage: Double, images: Int) {
      (self.name, self.secondsPerImage, self.images) = (name, secondsPerImage, images)
    }

    /// Seconds for all of it.
    public var seconds: Double { secondsPerImage * Double(images) }
  }

  /// The kinds of work.
  public var items: [Item]
  /// What was measured.
  let costs: WorkCosts?

  /// The given work.
  public init(items: [Item]) { self.init(items: items, costs: nil) }

  init(items: [Item], costs: WorkCosts?) { (self.items, self.costs) = (items, costs) }

  /// Seconds for all of it.
  public var seconds: Double { items.reduce(0) { $0 + $1.seconds } }

  /// A duration for people.
  public static func text(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return switch whole {
    case ..<120: "\(whole) s"
    case ..<7200: "\(Int((seconds / 60).rounded())) min"
    case ..<172_800: "\(Int((seconds / 3600).rounded())) hours"
    default: "\(Int((seconds / 86_400).rounded())) days"
    }
  }
}

extension TimeEstimate: CustomStringConvertible {
  /// A line for each kind of work, and the sum.
  public var description: String {
    let width = (items.map(\.name.count).max() ?? 0) + 2
    let lines = items.map { item in
      item.name + String(repeating: " ", count: width - item.name.count)
        + "\(item.images) images, \(Self.text(item.seconds))"
    }
    return (lines + ["in all: \(Self.text(seconds))"]).joined(separator: "\n")
  }
}
