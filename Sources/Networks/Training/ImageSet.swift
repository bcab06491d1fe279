import ConvexKit

/// Labelled images of one shape, in memory.
///
/// - Shapes: images `[count, channels, height, width]`, row-major; labels `[count]`.
public struct ImageSet: Sendable {
  /// The elements of all images, one image after the other.
  public let elements: [Float]
  /// Channels, height and width of every image.
  public let imageShape: [Int]
  /// The class of each image, from 0.
  public let labels: [Int]

  /// The number of images.
  public var count: Int { labels.count }

  /// A set of images.
  ///
  /// - Parameters:
  ///   - elements: All images, one after the other.
  ///   - imageShape: Channels, height and width.
  ///   - labels: One class per image.
  public init(elements: [Float], imageShape: [Int], labels: [Int]) {
    let size = imageShape.reduce(1, *)
    precondition(
      imageShape.count == 3 && elements.count == labels.count * size,
      "ImageSet: \(elements.count) elements are not \(labels.count) images of shape \(imageShape)")
    self.elements = elements
    self.imageShape = imageShape
    self.labels = labels
  }

  /// Some of the images as one tensor, with their labels.
  ///
  /// - Parameter indices: Which images, in this order.
  /// - Returns: Images `[indices.count, channels, height, width]` and as many labels.
  public func batch(_ indices: some Collection<Int>) -> (images: Tensor, labels: [Int]) {
    let size = imageShape.reduce(1, *)
    let images = Tensor(shape: [indices.count] + imageShape) { destination in
      elements.withUnsafeBufferPointer { source in
        for (row, index) in indices.enumerated() {
          precondition(labels.indices.contains(index), "ImageSet: there is no image \(index)")
          let image = UnsafeBufferPointer(rebasing: source[index * size..<(index + 1) * size])
          _ = UnsafeMutableBufferPointer(rebasing: destination[row * size..<(row + 1) * size])
            .initialize(fromContentsOf: image)
        }
      }
    }
    return (images, indices.map { labels[$0] })
  }

  /// The order in which an epoch visits the images: a permutation that depends on the seed and the
  /// epoch alone, so that a continued run sees what the uninterrupted one would have seen.
  public func order(seed: UInt64, epoch: Int) -> [Int] {
    var generator = SeededGenerator(seed: seed, name: "order.\(epoch)")
    return Array(0..<count).shuffled(using: &generator)
  }
}
