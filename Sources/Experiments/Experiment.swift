import ConvexKit
import Foundation
import MedicalImages
import Networks

/// One of the paper's experiments on a data set.
///
/// ```
/// let configuration = PerturbationConfiguration(scale: .small)
/// let experiment = try Experiment(perturbing: projections, configuration)
/// switch try experiment.run(in: folder) {
/// case .finished(let results): print(results.markdown)
/// case .interrupted(let done, let all): print("\(done) of \(all) records; run again to go on")
/// }
/// ```
///
/// - Source: Ron et al., ICML 2022, section 4.
public struct Experiment: Sendable {
  /// Which one.
  public let kind: ExperimentKind
  /// What the data are, as text: rules, split, what was left out.
  public let manifest: String
  let study: any Study
  private let configuration: any ExperimentConfiguration
  private let manifestJSON: Data
  private let dataHash: String
  private let images: [ShownImage]

  /// The first experiment, on a folder of labeled projections.
  ///
  /// - Parameters:
  ///   - folder: A data set as `ProjectionFolder` describes it.
  ///   - configuration: Everything that the numbers depend on.
  ///   - work: Hears of each image that is read, and may stop the reading.
  /// - Throws: ``ExperimentError``: there are no data, or too few, or a setting is out of its range.
  public init(
    perturbing folder: URL, _ configuration: PerturbationConfiguration,
    work: PatientWork = PatientWork()
  ) throws(ExperimentError) {
    try configuration.check()
    try Self.check(folder, remedy: Self.projectionRemedy)
    let dataset: ProjectionDataset
    do {
      dataset = try ProjectionDataset(folder: folder, rules: configuration.images.rules, work: work)
    } catch {
      throw .images(error)
    }
    let study = try PerturbationStudy(dataset, configuration)
    kind = .perturbation
    self.study = study
    self.configuration = configuration
    manifest = "\(dataset.manifest)"
    (manifestJSON, dataHash) = (dataset.manifest.json(), dataset.manifest.fingerprint)
    let classes = UptakeLabel.allCases.map(\.rawValue)
    images = study.shown.map { index in
      let sample = study.samples[index]
      return ShownImage(
        index: index, title: sample.name, label: sample.label.rawValue, classes: classes,
        plane: sample.image,
        window:
          0...max(
            sample.image.window(upper: 0.97).upperBound, .leastNormalMagnitude),
        mask: sample.mask)
    }
  }

  /// The second experiment, on a folder in the BraTS layout.
  ///
  /// - Parameters:
  ///   - folder: A data set as `BraTSDataset` describes it.
  ///   - configuration: Everything that the numbers depend on.
  ///   - work: Hears of each patient that is read, and may stop the reading.
  /// - Throws: ``ExperimentError``: there are no data, or too few, or a setting is out of its range.
  public init(
    segmenting folder: URL, _ configuration: SegmentationConfiguration,
    work: PatientWork = PatientWork()
  ) throws(ExperimentError) {
    try configuration.check()
    try Self.check(folder, remedy: Self.patientRemedy)
    let dataset: SegmentationDataset
    do {
      dataset = try SegmentationDataset(
        folder: folder, rules: configuration.images.rules, work: work)
    } catch {
      throw .images(error)
    }
    let study = try SegmentationStudy(dataset, configuration)
    kind = .segmentation
    self.study = study
    self.configuration = configuration
    manifest = "\(dataset.manifest)"
    (manifestJSON, dataHash) = (dataset.manifest.json(), dataset.manifest.fingerprint)
    images = study.shown.map { index in
      let sample = study.samples[index]
      var plane = sample.plane(of: .flair)
      // Black outside the brain: there the standard scores are 0, in the brain's middle.
      let window = plane.window()
      plane.values = plane.values.map { $0 == 0 ? window.lowerBound : $0 }
      return ShownImage(
        index: index,
        title: "\(sample.patient), slice \(sample.slice), \(sample.side.rawValue) half",
        label: "tumor", classes: ["no tumor", "tumor"], plane: plane, window: window,
        mask: sample.maskPlane)
    }
  }

  /// The number of records.
  public var recordCount: Int { study.methods.count * configuration.seeds.count }

  /// How long everything takes on this machine, from one step of each network and one image of each
  /// method.
  ///
  /// - Throws: ``ExperimentError`` if a network cannot be trained or explained.
  public func estimate() throws(ExperimentError) -> TimeEstimate {
    try WorkCosts(measuring: study, seed: configuration.seeds[0])
      .estimate(of: study, seeds: configuration.seeds.count)
  }

  /// Runs what is missing and writes configuration, manifest, records and results.
  ///
  /// A run that was stopped, by whatever, goes on where it was: the same call again.
  ///
  /// - Parameters:
  ///   - folder: The output folder, new or that of the same run.
  ///   - estimate: What ``estimate()`` has measured, which is measured now unless given: by it a run knows
  ///     how far it is.
  ///   - other: Numbers to show beside this run's, in a table of their own. They are no part of the run: it
  ///     may go on, or be shown again, with others.
  ///   - observer: Who watches, and may stop it.
  /// - Returns: The results, or how far the run came.
  /// - Throws: ``ExperimentError``. The records that have been written stay.
  public func run(
    in folder: URL, estimate: TimeEstimate? = nil, beside other: OtherResults? = nil,
    observer: ExperimentObserver = ExperimentObserver()
  ) throws(ExperimentError) -> ExperimentOutcome {
    try check(other)
    try makeFolder(folder)
    try claim(folder)
    let seeds = configuration.seeds
    let store = RecordStore(folder: folder.appendingPathComponent("records"))
    let isComplete = seeds.allSatisfy { seed in
      study.methods.allSatisfy {
        FileManager.default.fileExists(atPath: store.url($0, seed: seed).path)
      }
    }
    var costs = estimate?.costs ?? WorkCosts()
    if estimate?.costs == nil && !isComplete {
      costs = try WorkCosts(measuring: study, seed: seeds[0])
    }
    let result = try ExperimentRun(
      study: study, seeds: seeds, folder: folder, costs: costs, observer: observer
    ).run()
    guard let records = result.records else {
      return .interrupted(done: result.done, of: recordCount)
    }
    let results = ExperimentResults(
      kind: kind, methods: study.methods, metrics: study.metrics, seeds: seeds, records: records,
      shown: images, other: other)
    try results.write(to: folder)
    return .finished(results)
  }

  private func check(_ other: OtherResults?) throws(ExperimentError) {
    guard let other, other.metrics.isDisjoint(with: study.metrics) else { return }
    throw .nothingToCompare(
      name: other.name, found: other.metrics.map(\.rawValue).sorted(),
      known: study.metrics.map(\.rawValue))
  }

  /// Checks that the folder belongs to this configuration and these data, or makes it so.
  private func claim(_ folder: URL) throws(ExperimentError) {
    try ConfigurationFile.claim(folder, for: configuration)
    let url = folder.appendingPathComponent("data.json")
    let now = DataIdentity(sha256: dataHash)
    if let old = try? Data(contentsOf: url) {
      let before = (try? JSONDecoder().decode(DataIdentity.self, from: old))?.sha256 ?? "unknown"
      guard before == dataHash else {
        throw .otherData(path: folder.path, before: before, now: dataHash)
      }
      return
    }
    try write(manifestJSON, to: folder.appendingPathComponent("manifest.json"))
    try write(data(now), to: url)
  }

  private struct DataIdentity: Codable {
    var sha256: String
  }

  private static let projectionRemedy =
    "make a simulated set with 'convex phantom --kind pet --out DIR' and "
    + "'convex data pet --in DIR --out PROJECTIONS'"
  private static let patientRemedy =
    "make a simulated set with 'convex phantom --out DIR --patients 40 --spacing 1.5'"

  private static func check(_ folder: URL, remedy: String) throws(ExperimentError) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder)
    guard exists && isFolder.boolValue else { throw .noData(path: folder.path, remedy: remedy) }
  }
}
