import ConvexKit
import Foundation

/// One simulated PET patient.
public struct PETPhantomPatient: Sendable {
  /// What is recorded beside a patient's files.
  public struct Record: Sendable, Equatable, Codable {
    /// Says that the patient is simulated.
    public let about: String
    /// The patient's name.
    public let patient: String
    /// How much the muscles take up.
    public let label: UptakeLabel
    /// SUV of each altered muscle group, before left and right are varied.
    public let alteredUptake: [String: Double]
    /// The volume of the altered regions in ml.
    public let alteredMilliliters: Double
    /// The coefficient of variation of the noise in the liver.
    public let liverNoise: Double
    /// Everything that patients of the set share.
    public let settings: PETPhantomSettings
  }

  /// The fields of the volume's sidecar that SUV is computed from.
  struct Sidecar: Sendable, Encodable {
    var Modality = "PT"
    var Units = "BQML"
    var DecayCorrection = "START"
    let PatientWeight: Double
    let RadionuclideTotalDose: Double
    var RadionuclideHalfLife = PETSettings.halfLife
    var RadiopharmaceuticalStartTime = "09:00:00"
    let AcquisitionTime: String
  }

  /// The volume in Bq/ml.
  public let volume: Volume
  /// 1 in the altered muscles, else 0.
  public let mask: Volume
  /// How they were made.
  public let record: Record
  let sidecar: Sidecar

  static let about =
    "Simulated: a body of simple shapes with typical uptake of FDG, resolution and noise of a "
    + "scanner. No patient had it. Not for clinical use."

  /// The name of patient `number`, counted from 1.
  static func name(of number: Int) -> String {
    let digits = "\(number)"
    return "PET_" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// The label of patient `number`: each three patients in turn have one of each, in random order.
  static func label(of number: Int, seed: UInt64) -> UptakeLabel {
    var generator = SeededGenerator(seed: seed, name: "labels \((number - 1) / 3)")
    var labels = UptakeLabel.allCases
    for last in [2, 1] { labels.swapAt(last, Int(generator.next() % UInt64(last + 1))) }
    return labels[(number - 1) % 3]
  }

  /// Makes a patient; the result depends on the settings and the number alone.
  init(number: Int, settings: PETPhantomSettings) {
    let name = Self.name(of: number)
    let label = Self.label(of: number, seed: settings.seed)
    func generator(_ purpose: String) -> SeededGenerator {
      SeededGenerator(seed: settings.seed, name: "\(name) \(purpose)")
    }
    var random = generator("muscles")
    let altered = Self.alteredMuscles(label, settings, &random)
    random = generator("anatomy")
    let plan = BodyPlan(altered: altered, &random)
    let size = SIMD3(610.0 * plan.scale.x, 290 * plan.scale.y + 2 * plan.fat, 1160 * plan.scale.z)
    // From the middle of the thigh to the vertex.
    let frame = GridFrame(
      spacing: settings.spacing, center: SIMD3(0, 0, 1190 * plan.scale.z), fieldOfView: size)
    random = generator("uptake")
    let canvas = Self.painted(plan, frame, &random)
    var coverage = [Float](repeating: 0, count: frame.count)
    for group in MuscleGroup.allCases where altered[group] != nil {
      for shape in [1.0, -1].flatMap({ group.shapes(side: $0, scale: plan.scale) }) {
        canvas.cover(shape, &coverage)
      }
    }
    let flags = coverage.map { $0 >= 0.5 ? Float(1) : 0 }
    random = generator("scanner")
    let noise = Self.draw(settings.liverNoise, &random)
    let scanner = PETScanner(
      resolution: settings.resolution, filter: settings.filter, liverNoise: noise,
      liver: plan.liver)
    let dose = (plan.weight * random.uniform(in: 3.5..<5.5)).rounded() * 1e6
    let delay = random.uniform(in: 52..<75).rounded() * 60
    let image = scanner.scan(canvas.uptake, on: frame, &random)
    let activity = Float(dose * exp2(-delay / PETSettings.halfLife) / (plan.weight * 1000))
    volume = Volume(
      name: "\(name)_pet", shape: frame.shape, voxels: image.map { $0 * activity },
      affine: frame.affine)
    mask = Volume(
      name: "\(name)_mask", shape: frame.shape, voxels: flags, affine: frame.affine)
    let clock = 9 * 3600 + Int(delay)
    sidecar = Sidecar(
      PatientWeight: plan.weight, RadionuclideTotalDose: dose,
      AcquisitionTime: String(format: "%02d:%02d:%02d", clock / 3600, clock / 60 % 60, clock % 60))
    let voxel = settings.spacing * settings.spacing * settings.spacing / 1000
    record = Record(
      about: Self.about, patient: name, label: label,
      alteredUptake: Dictionary(uniqueKeysWithValues: altered.map { ($0.key.rawValue, $0.value) }),
      alteredMilliliters: Double(flags.reduce(0, +)) * voxel, liverNoise: noise, settings: settings)
  }

  private static func draw(
    _ range: ClosedRange<Double>, _ random: inout SeededGenerator
  ) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * random.uniform()
  }

  /// The groups with raised uptake: as many as the label says, any of them.
  private static func alteredMuscles(
    _ label: UptakeLabel, _ settings: PETPhantomSettings, _ random: inout SeededGenerator
  ) -> [MuscleGroup: Double] {
    let (counts, uptake): (ClosedRange<Int>, ClosedRange<Double>)
    switch label {
    case .normal: return [:]
    case .mild: (counts, uptake) = (settings.mildGroups, settings.mildUptake)
    case .severe: (counts, uptake) = (settings.severeGroups, settings.severeUptake)
    }
    var groups = MuscleGroup.allCases
    groups.shuffle(using: &random)
    let count = counts.lowerBound + Int(random.next() % UInt64(counts.count))
    return Dictionary(
      uniqueKeysWithValues: groups.prefix(count).map { ($0, draw(uptake, &random)) })
  }

  /// The parts of a plan on a grid, with uneven uptake.
  private static func painted(
    _ plan: BodyPlan, _ frame: GridFrame, _ random: inout SeededGenerator
  ) -> BodyCanvas {
    let field = SmoothField(spacing: 30, amplitude: 2, over: frame, &random)
    var canvas = BodyCanvas(frame: frame)
    for part in plan.parts {
      let isLarge = part.unevenness < 0.1
      canvas.paint(part.shape) { place in
        isLarge ? part.uptake : part.uptake * max(0.2, 1 + part.unevenness * field(place))
      }
    }
    return canvas
  }
}
