import ConvexKit
import Foundation

/// One simulated patient. The tumor is not real.
public struct PhantomPatient: Sendable {
  /// What is recorded beside a patient's files.
  public struct Record: Sendable, Equatable, Codable {
    /// Says that the tumor is simulated.
    public let about: String
    /// The patient's name.
    public let patient: String
    /// Everything that patients of the set share.
    public let settings: PhantomSettings
    /// Where the tumor is and how large.
    public let tumor: TumorPlan
    /// The smallest determinant of the derivative of the map from the patient to the template: no
    /// tissue is folded, because it is positive.
    public let smallestJacobian: Double
    /// The volume of each label in ml, by its number in the segmentation.
    public let milliliters: [String: Double]
  }

  /// Images and labels.
  public let scan: BraTSScan
  /// How they were made.
  public let record: Record

  static let about =
    "Simulated: the tumor, its signals and the deformation of the anatomy are computed. Only the "
    + "brain that was deformed is a real scan. Not for clinical use."

  /// Makes patient `name`; the result depends on the template, the settings and the name alone.
  init(
    named name: String, template: Template, settings: PhantomSettings
  ) throws(ImageError) {
    func generator(_ purpose: String) -> SeededGenerator {
      SeededGenerator(seed: settings.seed, name: "\(name) \(purpose)")
    }
    let frame = GridFrame(spacing: settings.spacing, center: template.center)
    var random = generator("anatomy")
    let anatomy = Deformation.Anatomy(
      over: frame, center: template.center, settings: settings, &random)
    random = generator("tumor")
    let plan = try TumorPlan(in: anatomy, template: template, settings: settings, &random)
    let deformation = Deformation(anatomy, tumor: plan, frame: frame)
    var brain = BrainVoxels(deformation, template: template, frame: frame)
    TumorGrowth(plan, &random).grow(in: &brain)
    random = generator("scanner")
    let scanner = Scanner(
      model: SignalModel(variation: settings.variation, &random), settings: settings)
    func volume(_ suffix: String, _ voxels: [Float]) -> Volume {
      Volume(name: "\(name)_\(suffix)", shape: frame.shape, voxels: voxels, affine: frame.affine)
    }
    let images = Modality.allCases.map { modality in
      var noise = generator(modality.rawValue)
      return volume(modality.rawValue, scanner.scan(brain, modality, &noise))
    }
    scan = BraTSScan(
      patient: name, images: images,
      segmentation: volume("seg", brain.labels.map { Float($0) }))
    let voxel = frame.spacing * frame.spacing * frame.spacing / 1000
    let volumes = TumorLabel.allCases.map { label in
      let count = brain.labels.reduce(0) { $0 + ($1 == UInt8(label.rawValue) ? 1 : 0) }
      return ("\(label.rawValue)", Double(count) * voxel)
    }
    record = Record(
      about: Self.about, patient: name, settings: settings, tumor: plan,
      smallestJacobian: deformation.smallestJacobian,
      milliliters: Dictionary(uniqueKeysWithValues: volumes))
  }
}
