/// The paper's choice of slices: those with at least 1000 tumor pixels.
///
/// ```
/// keep slice k  ⇔  (tumor pixels of k) · (pixel area) ≥ minimumArea
/// ```
///
/// On a grid of 1 mm² pixels 1000 mm² are 1000 pixels; other grids are measured by area.
///
/// - Source: Ron et al., ICML 2022, section on segmentation (BraTS).
public enum TumorSlices {
  /// The paper's threshold in mm².
  public static let paperMinimumArea = 1000.0

  /// The tumor's area in every axial slice, in mm²; every label counts.
  ///
  /// - Parameter segmentation: Labels in ``Orientation/lps``.
  /// - Returns: As many areas as there are slices.
  public static func areas(of segmentation: Volume) -> [Double] {
    let pixels = segmentation.shape[0] * segmentation.shape[1]
    let area = pixelArea(of: segmentation)
    return segmentation.voxels.withUnsafeBufferPointer { voxels in
      (0..<segmentation.shape[2]).map { slice in
        var count = 0
        for position in slice * pixels..<(slice + 1) * pixels where voxels[position] > 0 {
          count += 1
        }
        return Double(count) * area
      }
    }
  }

  /// The slices that are kept, from the feet to the head.
  ///
  /// - Parameters:
  ///   - segmentation: Labels in ``Orientation/lps``.
  ///   - minimumArea: The threshold in mm². A grid whose single-precision affine makes 1000
  ///     pixels a hair less than 1000 mm² passes (one part in 10⁵).
  /// - Returns: Slice numbers.
  public static func indices(
    in segmentation: Volume, minimumArea: Double = paperMinimumArea
  ) -> [Int] {
    let areas = areas(of: segmentation)
    return areas.indices.filter { areas[$0] > 0 && areas[$0] >= minimumArea * (1 - 1e-5) }
  }

  /// The area in mm² of a pixel of an axial slice.
  static func pixelArea(of volume: Volume) -> Double {
    length(cross(volume.affine.columns.0, volume.affine.columns.1))
  }
}
