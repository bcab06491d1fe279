import ConvexKit
import Foundation
import MedicalImages

@testable import Experiments

/// Small data sets in the formats that the experiments read.
enum ExampleData {
  /// Projections of 32×32 pixels: the brighter the square in the middle, the more severe the label.
  ///
  /// - Parameters:
  ///   - folder: Made if missing.
  ///   - patients: Patients of each label.
  ///   - extra: More lines of the table.
  /// - Throws: What writing files can throw.
  static func writeProjections(to folder: URL, patients: Int = 4, extra: [String] = []) throws {
    let masks = folder.appendingPathComponent("masks")
    try FileManager.default.createDirectory(at: masks, withIntermediateDirectories: true)
    var lines = ["image,patient,label,mask"]
    var generator = SeededGenerator(seed: 1, name: "projections")
    for (number, label) in UptakeLabel.allCases.enumerated() {
      for patient in 0..<patients {
        let name = "\(label.rawValue)\(patient).png"
        let isInside = { (pixel: Int) in
          (8..<24).contains(pixel / 32) && (8..<24).contains(pixel % 32)
        }
        let values = (0..<1024).map { pixel in
          UInt16(
            2000 + 4000 * generator.uniform() + (isInside(pixel) ? 25_000 * Double(number) : 0))
        }
        try PNG.write(
          GrayRaster(height: 32, width: 32, samples: values),
          to: folder.appendingPathComponent(name))
        try PNG.write(
          GrayRaster(height: 32, width: 32, samples: (0..<1024).map { isInside($0) ? 65535 : 0 }),
          to: masks.appendingPathComponent(name))
        lines.append("\(name),\(label.rawValue)\(patient),\(label.rawValue),masks/\(name)")
      }
    }
    try (lines + extra).joined(separator: "\n").write(
      to: folder.appendingPathComponent("labels.csv"), atomically: true, encoding: .utf8)
  }

  /// Patients in the BraTS layout on 16×16×2 voxels of 16 mm², with a bright square as tumor in the
  /// left half of the head.
  static func writePatients(to folder: URL, count: Int = 5) throws {
    var generator = SeededGenerator(seed: 2, name: "patients")
    for number in 0..<count {
      let name = "P\(number)"
      let place = folder.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      let isTumor = { (index: Int) in
        (4..<12).contains(index / 16 % 16) && (9..<14).contains(index % 16)
      }
      for modality in ["t1", "t1ce", "t2", "flair", "seg"] {
        let voxels = (0..<512).map { index -> Float in
          if modality == "seg" { return isTumor(index) ? 2 : 0 }
          return Float(100 + Int(40 * generator.uniform()) + (isTumor(index) ? 120 : 0))
        }
        try NIfTI.write(
          Volume(
            name: name, shape: [16, 16, 2], voxels: voxels,
            affine: Affine(spacing: SIMD3(-16, -16, 5))),
          to: place.appendingPathComponent("\(name)_\(modality).nii.gz"),
          as: modality == "seg" ? .uint8 : .int16)
      }
    }
  }

  /// Nothing measured: a run that is given this does not measure its work first.
  static let unmeasured = TimeEstimate(items: [], costs: WorkCosts())

  /// The first experiment with the smallest networks.
  static func perturbation(seeds: [UInt64] = [1, 2]) -> PerturbationConfiguration {
    var configuration = PerturbationConfiguration(scale: .small)
    configuration.seeds = seeds
    configuration.images = .init(height: 32, width: 32, channels: 1, trainingFraction: 0.5)
    let plan = TrainingPlan(epochs: 2, batchSize: 4)
    configuration.backbone = .init(blocks: [1, 1, 1, 1], width: 1, training: plan)
    configuration.gates = GatePlan(
      start: .baseline, training: TrainingPlan(epochs: 1, batchSize: 4))
    configuration.transformer = TransformerPlan(
      patch: 16, width: 8, depth: 1, heads: 2, training: TrainingPlan(epochs: 1, batchSize: 4))
    configuration.explanation = ExplanationPlan(batchSize: 4, panels: 2)
    configuration.removal = RemovalPlan(fractions: [0, 0.5, 1])
    return configuration
  }

  /// The second experiment with the smallest networks.
  static func segmentation(seeds: [UInt64] = [1, 2]) -> SegmentationConfiguration {
    var configuration = SegmentationConfiguration(scale: .small)
    configuration.seeds = seeds
    configuration.images = .init(height: 16, width: 16, trainingFraction: 0.6)
    let plan = TrainingPlan(epochs: 1, batchSize: 4)
    configuration.backbone = .init(features: 1, training: plan)
    configuration.gates = GatePlan(start: .random, training: plan)
    configuration.transformer = TransformerPlan(
      patch: 8, width: 8, depth: 1, heads: 2, training: plan)
    configuration.explanation = ExplanationPlan(batchSize: 4, panels: 1)
    return configuration
  }
}

/// The error that `body` throws, or nil.
func thrown(_ body: () throws(ExperimentError) -> Void) -> ExperimentError? {
  do throws(ExperimentError) {
    try body()
    return nil
  } catch {
    return error
  }
}

/// The contents of every file below a folder with one of the given endings, by path.
func contents(of folder: URL, endings: [String]) throws -> [String: Data] {
  var found: [String: Data] = [:]
  for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
  where endings.contains((path as NSString).pathExtension) {
    found[path] = try Data(contentsOf: folder.appendingPathComponent(path))
  }
  return found
}
