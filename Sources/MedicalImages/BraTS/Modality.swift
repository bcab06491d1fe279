/// The four magnetic resonance images of a BraTS patient, in the order of a sample's channels.
public enum Modality: String, Sendable, CaseIterable, Codable {
  /// T1-weighted: white matter bright, fluid dark.
  case t1
  /// T1-weighted after gadolinium: a leaking tumor rim is bright.
  case t1ce
  /// T2-weighted: fluid and edema bright.
  case t2
  /// T2-weighted with fluid suppressed: edema bright, fluid dark.
  case flair

  /// The endings of file names that mean this modality, of BraTS 2012-2020 and of 2021 and later.
  public var fileEndings: [String] {
    switch self {
    case .t1: ["t1", "t1n"]
    case .t1ce: ["t1ce", "t1c", "t1gd"]
    case .t2: ["t2", "t2w"]
    case .flair: ["flair", "t2f"]
    }
  }
}
