import ConvexKit
import Foundation
import Testing

@testable import MedicalImages

@Suite struct PETPhantomTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func patient(_ label: UptakeLabel, _ settings: PETPhantomSettings) throws
    -> PETPhantomPatient
  {
    let number = try #require(
      (1...3).first { PETPhantomPatient.label(of: $0, seed: settings.seed) == label })
    return PETPhantomPatient(number: number, settings: settings)
  }

  private var coarse: PETPhantomSettings { PETPhantomSettings(seed: 3, spacing: 12) }

  /// The distance of a place that a share of a wide voxel says.
  private func distance(_ shape: BodyShape, _ place: SIMD3<Double>) -> Double {
    100 * (0.5 - shape.section(at: place.z, spacing: 100)(place.x, place.y))
  }

  @Test func `shapes know their distance`() {
    let ball = BodyShape.superellipsoid(center: SIMD3(1, 2, 3), axes: SIMD3(4, 4, 4))
    #expect(abs(distance(ball, SIMD3(1, 2, 10)) - 3) < 1e-12)
    #expect(abs(distance(ball, SIMD3(1, 4, 3)) + 2) < 1e-12)
    #expect(ball.low == SIMD3(-3, -2, -1) && ball.high == SIMD3(5, 6, 7))
    let cone = BodyShape.cone(from: .zero, 2, to: SIMD3(0, 0, 10), 4)
    #expect(abs(distance(cone, SIMD3(5, 0, 5)) - 2) < 1e-12)
    #expect(abs(distance(cone, SIMD3(0, 0, 16)) - 2) < 1e-12)
    let loft = BodyShape.loft([
      .init(z: 0, centerY: 0, halfWidth: 4, halfDepth: 4),
      .init(z: 10, centerY: 2, halfWidth: 8, halfDepth: 8),
    ])
    #expect(abs(distance(loft, SIMD3(8, 1, 5)) - 2) < 1e-12)
    #expect(loft.section(at: 11, spacing: 1)(0, 0) == 0)
    // On the surface of a boxy shape two coordinates at 2^(−1/2.5) of their axes.
    let boxy = BodyShape.superellipsoid(center: .zero, axes: SIMD3(10, 20, 30), .boxy)
    let share = pow(0.5, 0.4)
    #expect(abs(distance(boxy, SIMD3(10 * share, 0, 30 * share))) < 1e-12)
    // A tilt about y sends x to −z.
    let plate = BodyShape.superellipsoid(center: .zero, axes: SIMD3(9, 2, 2), tilt: .pi / 2)
    #expect(distance(plate, SIMD3(0, 0, -8)) < 0 && distance(plate, SIMD3(8, 0, 0)) > 0)
  }

  @Test func `voxels far from a surface are decided without a root, and decided right`() {
    let shape = BodyShape.superellipsoid(center: .zero, axes: SIMD3(10, 14, 20), .boxy)
    let section = shape.section(at: 2, spacing: 1)
    for step in 0..<40 {
      let x = Double(step) / 2
      let d = distance(shape, SIMD3(x, 3, 2))
      #expect(abs(section(x, 3) - min(max(0.5 - d, 0), 1)) < 1e-9)
    }
  }

  @Test func `a voxel that a surface cuts gets part of both sides`() {
    let frame = GridFrame(spacing: 2, center: .zero, fieldOfView: SIMD3(20, 20, 20))
    var canvas = BodyCanvas(frame: frame)
    canvas.paint(.superellipsoid(center: .zero, axes: SIMD3(6, 6, 6))) { _ in 3 }
    let volume = Double(canvas.uptake.reduce(0, +)) / 3 * 8
    #expect(abs(volume / (4 * .pi / 3 * 216) - 1) < 0.03)
    #expect(canvas.uptake.max() == 3 && canvas.uptake.contains { $0 > 0 && $0 < 3 })
    var coverage = [Float](repeating: 0, count: frame.count)
    canvas.cover(.superellipsoid(center: .zero, axes: SIMD3(6, 6, 6)), &coverage)
    #expect(zip(coverage, canvas.uptake).allSatisfy { abs($0 * 3 - $1) < 1e-6 })
  }

  @Test func `the filter keeps the sum and has its width at half maximum`() {
    var point = [Float](repeating: 0, count: 31 * 31 * 31)
    point[15 * (1 + 31 + 961)] = 1
    let filter = GaussianFilter(width: 6, spacing: 1)
    filter.apply(&point, shape: [31, 31, 31])
    #expect(abs(point.reduce(0, +) - 1) < 1e-5)
    let center = point[15 * (1 + 31 + 961)]
    for stride in [1, 31, 961] {
      #expect(abs(point[15 * (1 + 31 + 961) + 3 * stride] / center - 0.5) < 0.001)
    }
    // The sum of squares of a point's image is the noise gain squared.
    let gain = point.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    #expect(abs(gain / filter.noiseGain - 1) < 1e-4)
  }

  @Test func `noise in the liver is what was asked for, and grows with the square root`() {
    let frame = GridFrame(spacing: 4, center: .zero, fieldOfView: SIMD3(160, 160, 160))
    let scanner = PETScanner(resolution: 4.2, filter: 4, liverNoise: 0.1, liver: 2)
    func statistics(_ level: Float) -> (mean: Double, deviation: Double) {
      var random = SeededGenerator(seed: 1)
      let image = scanner.scan(
        [Float](repeating: level, count: frame.count), on: frame, &random)
      var inner: [Double] = []
      for k in 5..<35 {
        for j in 5..<35 { for i in 5..<35 { inner.append(Double(image[i + 40 * (j + 40 * k)])) } }
      }
      let mean = inner.reduce(0, +) / Double(inner.count)
      let square = inner.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(inner.count)
      return (mean, square.squareRoot())
    }
    let liver = statistics(2)
    #expect(abs(liver.mean - 2) < 0.01 && abs(liver.deviation - 0.2) < 0.01)
    let hot = statistics(8)
    let ratio = (8.05 / 2.05).squareRoot()
    #expect(abs(hot.deviation / liver.deviation - ratio) < 0.05)
  }

  @Test func `labels have the muscles they promise, and normal ones none`() throws {
    let settings = coarse
    for label in UptakeLabel.allCases {
      let record = try patient(label, settings).record
      switch label {
      case .normal: #expect(record.alteredUptake.isEmpty && record.alteredMilliliters == 0)
      case .mild:
        #expect(settings.mildGroups.contains(record.alteredUptake.count))
        #expect(record.alteredUptake.values.allSatisfy(settings.mildUptake.contains))
      case .severe:
        #expect(settings.severeGroups.contains(record.alteredUptake.count))
        #expect(record.alteredUptake.values.allSatisfy(settings.severeUptake.contains))
        #expect(record.alteredMilliliters > 100)
      }
    }
    let labels = (1...60).map { PETPhantomPatient.label(of: $0, seed: 8) }
    for label in UptakeLabel.allCases { #expect(labels.filter { $0 == label }.count == 20) }
  }

  @Test func `organs lie where they do, and muscles are as hot as the record says`() throws {
    var settings = PETPhantomSettings(seed: 4, spacing: 8)
    (settings.liverNoise, settings.resolution, settings.filter) = (0...0, 0, 0)
    let patient = try patient(.severe, settings)
    guard
      case .suv(let factor, _) = UptakeCalibration(
        PETSidecar(
          numbers: [
            "PatientWeight": patient.sidecar.PatientWeight,
            "RadionuclideTotalDose": patient.sidecar.RadionuclideTotalDose,
            "RadionuclideHalfLife": patient.sidecar.RadionuclideHalfLife,
          ],
          texts: [
            "Units": patient.sidecar.Units, "DecayCorrection": patient.sidecar.DecayCorrection,
            "RadiopharmaceuticalStartTime": patient.sidecar.RadiopharmaceuticalStartTime,
            "AcquisitionTime": patient.sidecar.AcquisitionTime,
          ]))
    else {
      Issue.record("the sidecar does not give SUV")
      return
    }
    let volume = patient.volume
    func suv(_ x: Double, _ y: Double, _ z: Double) -> Double {
      let index = volume.affine.inverse(SIMD3(x, y, z)).rounded(.toNearestOrEven)
      return Double(volume[Int(index.x), Int(index.y), Int(index.z)]) * factor
    }
    // The liver is at the right; in the corner there is air.
    let z = 1168.0 * (volume.affine.origin.z + Double(volume.shape[2]) * 4) / 1190
    #expect(suv(80, 0, z) > 1.8 && suv(80, 0, z) < 2.8)
    #expect(volume.voxels[0] == 0)
    let hot = zip(patient.mask.voxels, volume.voxels).filter { $0.0 == 1 }.map {
      Double($0.1) * factor
    }
    let sorted = hot.sorted()
    let levels = patient.record.alteredUptake.values.sorted()
    let low = try #require(levels.first)
    let high = try #require(levels.last)
    #expect(sorted[sorted.count / 2] > low * 0.6 && sorted[sorted.count / 2] < high * 1.4)
    // Brightest within the top of the body is the brain.
    let top = try #require(volume.voxels.suffix(volume.voxels.count / 6).max())
    #expect(Double(top) * factor > 7)
  }

  @Test func `a set is the same to the bit for any number of threads, and goes on where it was`()
    throws
  {
    let generator = try PETPhantomGenerator(settings: coarse)
    let (one, two) = (
      scratch.url.appendingPathComponent("one"), scratch.url.appendingPathComponent("two")
    )
    try generator.write(patients: 1, to: one)
    try generator.write(patients: 3, to: one, threads: 2)
    try generator.write(patients: 3, to: two, threads: 1)
    for name in ["labels.csv", "PET_0001/PET_0001_pet.nii.gz", "PET_0003/PET_0003_mask.nii.gz"] {
      #expect(
        try ContentHash.sha256(contentsOf: one.appendingPathComponent(name))
          == ContentHash.sha256(contentsOf: two.appendingPathComponent(name)))
    }
    let other = try PETPhantomGenerator(settings: PETPhantomSettings(seed: 5, spacing: 12))
    #expect(
      thrown { () throws(ImageError) in try other.write(patients: 3, to: one) }
        == .occupied(
          folder: one.path,
          reason: "holds PET phantoms with other settings (seed 3, spacing 12.0 mm)"))
    #expect(
      thrown { () throws(ImageError) in
        try generator.write(patients: 5, to: two, work: PatientWork(isCancelled: { true }))
      } == .cancelled)
  }

  @Test func `projector and reader take what was written, in SUV, head up and masked`() throws {
    let (volumes, pictures) = (
      scratch.url.appendingPathComponent("v"), scratch.url.appendingPathComponent("p")
    )
    try PETPhantomGenerator(settings: coarse).write(patients: 3, to: volumes)
    var settings = PETSettings()
    (settings.height, settings.width) = (64, 64)
    let summary = try PETProjector(settings: settings).project(volumes, to: pictures)
    #expect(summary.written == 3 && summary.stored.isEmpty && summary.problems.isEmpty)
    var rules = ProjectionRules()
    (rules.height, rules.width) = (64, 64)
    let data = try ProjectionDataset(folder: pictures, rules: rules)
    let samples = data.training + data.validation
    #expect(samples.count == 3)
    for sample in samples {
      #expect(sample.unit == "SUV" && sample.fullScale == 10)
      // The brain, in the first rows, is the brightest of the upper half.
      let head = try #require(sample.image.values[..<(12 * 64)].max())
      #expect(head > 0.5)
      let altered = try #require(sample.mask).values.reduce(0, +)
      #expect((altered > 0) == (sample.label != .normal))
    }
  }

  @Test func `settings outside their range are refused by name`() {
    func refusal(_ change: (inout PETPhantomSettings) -> Void) -> ImageError? {
      var settings = PETPhantomSettings(seed: 1)
      change(&settings)
      return thrown { () throws(ImageError) in _ = try PETPhantomGenerator(settings: settings) }
    }
    func invalid(_ name: String, _ value: String, _ allowed: String) -> ImageError {
      .invalidParameter(name: name, value: value, allowed: allowed)
    }
    #expect(refusal { $0.spacing = 1 } == invalid("spacing", "1.0", "from 1.5 to 16 mm"))
    #expect(refusal { $0.mildGroups = 0...2 } == invalid("mildGroups", "0...2", "within 1 to 9"))
    #expect(
      refusal { $0.severeGroups = 4...10 } == invalid("severeGroups", "4...10", "within 1 to 9"))
    #expect(
      refusal { $0.mildUptake = 0...1 }
        == invalid("mildUptake", "0.0...1.0", "within 0.5 to 30 SUV"))
    #expect(
      refusal { $0.severeUptake = 2...31 }
        == invalid("severeUptake", "2.0...31.0", "within 0.5 to 30 SUV"))
    #expect(
      refusal { $0.liverNoise = 0...2 } == invalid("liverNoise", "0.0...2.0", "within 0 to 1"))
    #expect(refusal { $0.resolution = -1 } == invalid("resolution", "-1.0", "from 0 to 20 mm"))
    #expect(refusal { $0.filter = 21 } == invalid("filter", "21.0", "from 0 to 20 mm"))
    #expect(
      thrown { () throws(ImageError) in
        try PETPhantomGenerator(settings: coarse).write(patients: 0, to: scratch.url)
      } == invalid("patients", "0", "from 1 to 9999"))
  }
}
