/// A place in a network whose cells a map has.
public enum Block: Int, Sendable, Codable, CaseIterable, Comparable {
  /// The cells of the fine map τᵏ.
  case third = 3
  /// The cells of the coarse map τˡ.
  case fourth = 4

  /// The earlier one is less.
  public static func < (left: Block, right: Block) -> Bool { left.rawValue < right.rawValue }

  /// What tables call it.
  public var title: String { "block \(rawValue)" }
}
