/// A half of the head, the patient's own left or right.
public enum Side: String, Sendable, CaseIterable, Codable {
  /// The patient's left.
  case left
  /// The patient's right.
  case right
}

/// Cuts axial slices into the patient's left and right half.
///
/// Sides come from the affine, never from the order of the array: the volume is first turned to
/// ``Orientation/lps``, where columns run from the patient's right to the left.
public struct Hemispheres: Sendable, Equatable {
  /// Where the two halves meet.
  public enum Midline: Sendable, Equatable, Codable {
    /// The middle of the grid: BraTS scans lie in an atlas whose midline is there.
    case gridCenter
    /// The plane at this world x, in mm (0 for scans in Montreal space).
    case world(x: Double)
  }

  /// The columns of the right half in a slice of the turned volume.
  public let right: Range<Int>
  /// The columns of the left half; as many.
  public let left: Range<Int>

  /// The halves of a volume.
  ///
  /// A column whose center lies on the midline belongs to neither half. Where the midline is not
  /// the grid's middle both halves have the width of the smaller one and adjoin the midline.
  ///
  /// - Parameters:
  ///   - volume: A volume in ``Orientation/lps``.
  ///   - midline: Where the halves meet.
  /// - Throws: ``ImageError/unknownOrientation(path:)`` for a volume that does not know its
  ///   sides, ``ImageError/invalidParameter(name:value:allowed:)`` for a midline outside it.
  public init(of volume: Volume, midline: Midline = .gridCenter) throws(ImageError) {
    precondition(volume.orientation == .lps, "Hemispheres: \(volume.orientation) is not LPS")
    guard volume.isOriented else { throw .unknownOrientation(path: volume.name) }
    let columns = volume.shape[0]
    let position: Double
    switch midline {
    case .gridCenter: position = Double(columns - 1) / 2
    case .world(let x):
      let middle = SIMD3(0, Double(volume.shape[1] - 1) / 2, Double(volume.shape[2] - 1) / 2)
      position = (x - volume.affine(middle).x) / volume.affine.columns.0.x
    }
    // Columns strictly on either side; a hair of tolerance for rounded affines.
    let onMidline = abs(position - position.rounded()) < 1e-4
    let firstRight = onMidline ? position.rounded() - 1 : position.rounded(.down)
    let firstLeft = onMidline ? position.rounded() + 1 : position.rounded(.up)
    let width = min(firstRight + 1, Double(columns) - firstLeft)
    guard width >= 1 else {
      throw .invalidParameter(
        name: "midline", value: "\(midline)", allowed: "inside \(volume.name)")
    }
    right = Int(firstRight) + 1 - Int(width)..<Int(firstRight) + 1
    left = Int(firstLeft)..<Int(firstLeft) + Int(width)
  }

  /// The columns of one half.
  public func columns(of side: Side) -> Range<Int> {
    side == .left ? left : right
  }
}
