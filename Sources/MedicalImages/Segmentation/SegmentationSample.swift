/// One half of one axial slice: the input, the mask and the label of the second experiment.
public struct SegmentationSample: Sendable, Equatable {
  /// Whose scan this is.
  public let patient: String
  /// The slice, counted from 0 at the lower end of the grid (nearest the feet).
  public let slice: Int
  /// Which half of the head.
  public let side: Side
  /// Whether there is tumor in this half.
  public let label: Bool
  /// The tumor's area in this half before resizing, in mm².
  public let tumorArea: Double
  /// Rows: the first is the front of the head.
  public let height: Int
  /// Columns: the first is the patient's right.
  public let width: Int
  /// Standard scores of t1, t1ce, t2 and flair: `[4, height, width]`.
  public let image: [Float]
  /// 1 where there is tumor, else 0: `[height, width]`.
  public let mask: [Float]

  /// One modality as a plane.
  public func plane(of modality: Modality) -> Plane {
    let channel = Modality.allCases.firstIndex(of: modality) ?? 0
    let size = height * width
    return Plane(
      height: height, width: width, values: Array(image[channel * size..<(channel + 1) * size]))
  }

  /// The mask as a plane.
  public var maskPlane: Plane { Plane(height: height, width: width, values: mask) }
}
