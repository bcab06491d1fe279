/// The volumes of one patient, on one grid, turned to ``Orientation/lps``.
public struct BraTSScan: Sendable {
  /// The patient's name.
  public let patient: String
  /// The modalities in the order of ``Modality``'s cases.
  public let images: [Volume]
  /// The tumor's labels.
  public let segmentation: Volume?

  /// The volume of one modality.
  public subscript(modality: Modality) -> Volume {
    images[Modality.allCases.firstIndex(of: modality) ?? 0]
  }

  /// Whether each voxel is brain: not 0 in every modality (BraTS scans are skull-stripped).
  public var brainMask: [Bool] {
    var mask = [Bool](repeating: false, count: images[0].voxels.count)
    for image in images {
      image.voxels.withUnsafeBufferPointer { voxels in
        mask.withUnsafeMutableBufferPointer { mask in
          for position in 0..<mask.count where voxels[position] != 0 { mask[position] = true }
        }
      }
    }
    return mask
  }
}
