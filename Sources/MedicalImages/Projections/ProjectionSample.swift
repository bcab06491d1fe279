/// One labeled projection: the input, the label and the altered region of the first experiment.
public struct ProjectionSample: Sendable, Equatable {
  /// The image's name in `labels.csv`.
  public let name: String
  /// Whose projection this is.
  public let patient: String
  /// How much the muscles take up.
  public let label: UptakeLabel
  /// Values 0 to 1; the first row is at the head, the first column at the patient's right where the
  /// file was made by ``PETProjector`` or is a NIfTI image.
  public let image: Plane
  /// 1 where the uptake is altered, else 0; nil where the data set has no mask for this image.
  public let mask: Plane?
  /// What 1 in ``image`` stands for, in ``unit``.
  public let fullScale: Double
  /// The unit of ``fullScale``: "SUV", another one, or "1" where nothing is known.
  public let unit: String
}
