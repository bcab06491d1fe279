/// Labelled images of one shape, in memory.
///
/// - Shapes: images `[count, channels, height, width]`, row-major; labels `[count]`; masks
///   `[count, height, width]`.
public struct ImageSet: ImageSource {
  /// The elements of all images, one image after the other.
  public let elements: [Float]
  /// Channels, height and width of every image.
  public let imageShape: [Int]
  /// The class of each image, from 0.
  public let labels: [Int]
  /// What is marked in the images; nil where nobody marked anything.
  public let masks: [Float]?
  /// The patient of each image.
  public let groups: [Int]

  /// A set of images.
  ///
  /// - Parameters:
  ///   - elements: All images, one after the other.
  ///   - imageShape: Channels, height and width.
  ///   - labels: One class per image.
  ///   - masks: All masks, one after the other; nil for none.
  ///   - groups: The patient of each image; nil if every image is from another one.
  public init(
    elements: [Float], imageShape: [Int], labels: [Int], masks: [Float]? = nil,
    groups: [Int]? = nil
  ) {
    let size = imageShape.reduce(1, *)
    precondition(
      imageShape.count == 3 && elements.count == labels.count * size,
      "ImageSet: \(elements.count) elements are not \(labels.count) images of shape \(imageShape)")
    precondition(
      masks.map { $0.count == labels.count * imageShape[1] * imageShape[2] } ?? true,
      "ImageSet: \(masks?.count ?? 0) elements are not \(labels.count) masks of \(imageShape)")
    precondition(
      groups.map { $0.count == labels.count } ?? true, "ImageSet: a group for each image")
    self.elements = elements
    self.imageShape = imageShape
    self.labels = labels
    self.masks = masks
    self.groups = groups ?? Array(labels.indices)
  }

  /// One image, copied.
  public func image(at index: Int) -> SourceImage {
    precondition(labels.indices.contains(index), "ImageSet: there is no image \(index)")
    let (size, area) = (imageShape.reduce(1, *), imageShape[1] * imageShape[2])
    return SourceImage(
      elements: Array(elements[index * size..<(index + 1) * size]),
      mask: masks.map { Array($0[index * area..<(index + 1) * area]) })
  }

  /// Some of the images as one tensor, with their labels.
  ///
  /// - Parameter indices: Which images, in this order.
  /// - Returns: Images `[indices.count, channels, height, width]` and as many labels.
  public func batch(_ indices: some Collection<Int>) -> (images: Tensor, labels: [Int]) {
    let elements = indices.flatMap { image(at: $0).elements }
    return (Tensor(elements, shape: [indices.count] + imageShape), indices.map { labels[$0] })
  }
}
