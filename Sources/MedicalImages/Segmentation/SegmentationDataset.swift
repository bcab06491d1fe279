import Foundation

/// The samples of a folder of patients, split by patient.
public struct SegmentationDataset: Sendable {
  /// Samples to fit parameters with, by patient, slice and side.
  public let training: [SegmentationSample]
  /// Samples of other patients.
  public let validation: [SegmentationSample]
  /// What the samples were made of.
  public let manifest: Manifest
  /// What is wrong with the patients that were left out.
  public let problems: [ImageError]

  /// Reads every patient under a folder and applies the rules.
  ///
  /// Patients are read on several threads; the result is the same for any number of them. A
  /// patient that cannot be used is left out and listed in ``problems``.
  ///
  /// - Parameters:
  ///   - folder: A data set in the BraTS layout (see ``BraTSDataset``).
  ///   - rules: How samples are made.
  ///   - threads: The number of threads; nil means all.
  ///   - work: Hears of each patient that is done, and may stop the reading.
  /// - Throws: ``ImageError/noPatients(folder:)`` if none can be used,
  ///   ``ImageError/invalidParameter(name:value:allowed:)`` for a rule outside its range;
  ///   ``ImageError/cancelled`` if `work` stopped it.
  public init(
    folder: URL, rules: SegmentationRules = SegmentationRules(), threads: Int? = nil,
    work: PatientWork = PatientWork()
  ) throws(ImageError) {
    try rules.check()
    let listing = try BraTSDataset(folder: folder)
    let patients = listing.patients
    let results = try work.map(names: patients.map(\.name), threads: threads) {
      (index) throws(ImageError) in try PatientSamples(patients[index], rules: rules)
    }
    var problems = listing.problems
    var usable: [(BraTSPatient, PatientSamples)] = []
    for (patient, result) in zip(patients, results) {
      switch result {
      case .success(let samples): usable.append((patient, samples))
      case .failure(let error): problems.append(error)
      }
    }
    guard !usable.isEmpty else { throw problems.first ?? .noPatients(folder: folder.path) }
    let split = PatientSplit.assign(
      usable.map(\.0.name), trainingFraction: rules.trainingFraction, seed: rules.seed)
    func samples(of side: PatientSplit) -> [SegmentationSample] {
      usable.filter { split[$0.0.name] == side }.flatMap(\.1.samples)
    }
    training = samples(of: .training)
    validation = samples(of: .validation)
    manifest = Manifest(
      rules: rules,
      entries: usable.map { patient, made in
        let positives = made.samples.filter(\.label).count
        return Manifest.Entry(
          patient: patient.name, split: split[patient.name] ?? .training, slices: made.slices,
          positives: positives, negatives: made.samples.count - positives, sha256: made.hashes)
      },
      problems: problems.map(\.description))
    self.problems = problems
  }
}
