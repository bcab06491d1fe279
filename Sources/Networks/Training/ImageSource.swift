/// Labelled images of one shape that are asked for one by one: in memory (``ImageSet``), or read when
/// they are needed (``LazyImages``).
///
/// A trainer asks from a queue of its own, one image after the other.
public protocol ImageSource: Sendable {
  /// Channels, height and width of every image.
  var imageShape: [Int] { get }
  /// The class of each image, from 0.
  var labels: [Int] { get }
  /// Which images belong together: the patient of each, from 0. Images of a patient are never on two
  /// machines.
  var groups: [Int] { get }
  /// One image.
  ///
  /// - Parameter index: Which one, from 0 to below the number of labels.
  /// - Returns: The same image whenever it is asked for.
  /// - Throws: Whatever keeps it from being read; the training ends with
  ///   ``TrainingError/unreadableImage(set:index:reason:)``.
  func image(at index: Int) throws -> SourceImage
}

extension ImageSource {
  /// The number of images.
  public var count: Int { labels.count }

  /// Every image is a group of its own.
  public var groups: [Int] { Array(labels.indices) }
}

/// One image with what belongs to it.
///
/// - Shapes: elements `[channels, height, width]`, mask `[height, width]`.
public struct SourceImage: Sendable, Equatable {
  /// The elements, row-major.
  public var elements: [Float]
  /// What is marked in the image, with a number for each kind; nil where nobody marked anything.
  public var mask: [Float]?

  /// The given image.
  public init(elements: [Float], mask: [Float]? = nil) {
    (self.elements, self.mask) = (elements, mask)
  }
}

/// Labelled images that a function reads when they are needed, so that they need not fit in memory.
///
/// ```swift
/// let images = LazyImages(imageShape: [3, 512, 512], labels: labels) { index in
///   SourceImage(elements: try NPY(contentsOf: files[index]).floats())
/// }
/// ```
public struct LazyImages: ImageSource {
  /// Channels, height and width of every image.
  public let imageShape: [Int]
  /// The class of each image, from 0.
  public let labels: [Int]
  /// The patient of each image.
  public let groups: [Int]
  private let read: @Sendable (Int) throws -> SourceImage

  /// Images that `read` reads.
  ///
  /// - Parameters:
  ///   - imageShape: Channels, height and width.
  ///   - labels: One class per image.
  ///   - groups: The patient of each image; nil if every image is from another one.
  ///   - read: Returns the image of an index, the same one whenever it is asked.
  public init(
    imageShape: [Int], labels: [Int], groups: [Int]? = nil,
    read: @escaping @Sendable (_ index: Int) throws -> SourceImage
  ) {
    precondition(
      groups.map { $0.count == labels.count } ?? true, "LazyImages: a group for each image")
    (self.imageShape, self.labels, self.read) = (imageShape, labels, read)
    self.groups = groups ?? Array(labels.indices)
  }

  /// One image, read.
  public func image(at index: Int) throws -> SourceImage { try read(index) }
}
