import ConvexKit
import Networks

/// Small images whose class shows in the brightness of one corner.
enum CornerImages {
  /// Images `[1, 16, 16]` of noise, of the classes 0 and 1 in turn.
  static func set(count: Int, seed: UInt64) -> ImageSet {
    var generator = SeededGenerator(seed: seed)
    var (elements, labels): ([Float], [Int]) = ([], [])
    for index in 0..<count {
      let label = index % 2
      labels.append(label)
      for position in 0..<16 * 16 {
        let isCorner = position / 16 < 8 && position % 16 < 8
        elements.append(Float(generator.normal()) + (isCorner && label == 1 ? 3 : 0))
      }
    }
    return ImageSet(elements: elements, imageShape: [1, 16, 16], labels: labels)
  }
}
