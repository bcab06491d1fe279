import Foundation

/// The samples of a folder of labeled projections, split by patient.
public struct ProjectionDataset: Sendable {
  /// Samples to fit parameters with, in the order of the table.
  public let training: [ProjectionSample]
  /// Samples of other patients.
  public let validation: [ProjectionSample]
  /// What the samples were made of.
  public let manifest: ProjectionManifest
  /// What is wrong with the rows that were left out.
  public let problems: [ImageError]

  /// Reads every image that the folder's table names.
  ///
  /// Images are read on several threads; the result is the same for any number of them. An image
  /// that cannot be used is left out and listed in ``problems``.
  ///
  /// - Parameters:
  ///   - folder: A data set as ``ProjectionFolder`` describes it.
  ///   - rules: How samples are made.
  ///   - threads: The number of threads; nil means all.
  ///   - work: Hears of each image that is done, and may stop the reading.
  /// - Throws: What ``ProjectionFolder`` throws; the first problem if no image can be used;
  ///   ``ImageError/invalidParameter(name:value:allowed:)`` for a rule outside its range;
  ///   ``ImageError/cancelled`` if `work` stopped it.
  public init(
    folder: URL, rules: ProjectionRules = ProjectionRules(), threads: Int? = nil,
    work: PatientWork = PatientWork()
  ) throws(ImageError) {
    try rules.check()
    let listing = try ProjectionFolder(folder: folder)
    let images = listing.images
    let results = try work.map(names: images.map(\.name), threads: threads) {
      (index) throws(ImageError) in
      Loaded(
        sample: try images[index].load(rules: rules), hashes: try Self.hashes(of: images[index]))
    }
    var problems = listing.problems
    var usable: [Loaded] = []
    for result in results {
      switch result {
      case .success(let loaded): usable.append(loaded)
      case .failure(let error): problems.append(error)
      }
    }
    guard !usable.isEmpty else {
      throw problems.first ?? .noImages(folder: folder.path, reason: "no image can be used")
    }
    let strata = Dictionary(
      usable.map { ($0.sample.patient, $0.sample.label.index) }, uniquingKeysWith: max)
    let split = PatientSplit.assign(
      strata: strata, trainingFraction: rules.trainingFraction, seed: rules.seed)
    func samples(of side: PatientSplit) -> [ProjectionSample] {
      usable.map(\.sample).filter { split[$0.patient] == side }
    }
    training = samples(of: .training)
    validation = samples(of: .validation)
    manifest = ProjectionManifest(
      rules: rules,
      entries: usable.map { item in
        let sample = item.sample
        return ProjectionManifest.Entry(
          image: sample.name, patient: sample.patient, label: sample.label,
          split: split[sample.patient] ?? .training, hasMask: sample.mask != nil,
          sha256: item.hashes)
      },
      problems: problems.map(\.description))
    self.problems = problems
  }

  private struct Loaded: Sendable {
    let sample: ProjectionSample
    let hashes: [String: String]
  }

  private static func hashes(of image: ProjectionImage) throws(ImageError) -> [String: String] {
    var hashes = [
      image.file.lastPathComponent: try ContentHash.sha256(contentsOf: image.file)
    ]
    let record = ProjectionRecord.url(of: image.file)
    if FileManager.default.fileExists(atPath: record.path) {
      hashes[record.lastPathComponent] = try ContentHash.sha256(contentsOf: record)
    }
    if let mask = image.mask {
      hashes["masks/" + mask.lastPathComponent] = try ContentHash.sha256(contentsOf: mask)
    }
    return hashes
  }
}
