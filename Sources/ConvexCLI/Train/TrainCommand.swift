import ArgumentParser
import ArrayFiles
import Foundation
import MedicalImages
import Networks

/// `convex train`: gated networks on a BraTS folder, with the exact program beside them.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train gated networks on a BraTS folder and check them against the exact program.",
    discussion: """
      Reads patients in the BraTS layout, cuts their axial slices into hemispheres by the paper's rules, \
      and trains a U-Net encoder to tell whether a hemisphere has a tumor, once for each variant:

        baseline        no attention gates
        fine, coarse    one gate: the early, detailed map τ, or the late, semantic map ρ
        unconstrained   both gates, and nothing asked of their maps
        dual            Eq. 6: the divergence that a learned λ leaves between the two maps
        exact           the optimum of Eq. 4, the exact distance of the two maps from agreeing
        kl-coarse-fine  the divergence of ρ from what τ says about the coarse cells
        kl-fine-coarse  the divergence the other way round

      The paper's CVX is the unconstrained network with its maps projected exactly: the report shows the \
      projection beside the maps of every network with two gates.

      After each epoch the current λ is checked against the exact solution on the held-out patients. The \
      output folder gets report.html, the pictures, the manifest of the data, and for each network its \
      checkpoint (checkpoint.safetensors), the one with the best balanced accuracy (best.safetensors), its \
      history and its maps ('convex solve' and 'convex benchmark' read them). A loss that is no longer \
      finite, a full disk or a killed process end a run; the checkpoints written before stay as they are.

      Interrupt it at any time: run the same command again and it goes on after the last whole epoch, to \
      the same bits.

      With mpirun several machines train together, each on some of the patients, as one machine with the \
      whole batch would (needs a build with --traits MPI,GLPK; the first machine writes):

        mpirun -np 8 --map-by ppr:1:node --bind-to none convex train --data BraTS2020 --out run

      EXAMPLES
        convex phantom --out demo/patients --patients 40 --spacing 1.5
        convex train --data demo/patients --out demo
        convex train --data BraTS2020 --out run --epochs 40 --features 32 --variant dual
        convex train --data BraTS2020 --out tuned --weights unet.safetensors --backbone frozen --features 32 \
          --class-weights balanced --flip --rotate 15 --scale 0.1 --early-stopping 8 --seeds 5
      """)

  @Option(help: "The folder with the patients, <patient>/<patient>_{t1,t1ce,t2,flair,seg}.nii.gz.")
  var data: String

  @Option(
    name: [.customLong("out"), .customLong("output")],
    help: "The folder for everything that is written; made if missing.")
  var output: String

  @Option(
    name: [.customLong("variant"), .customLong("penalty")],
    help: "A network to train, see above. Repeat for several; default unconstrained, dual, exact.")
  var variant: [AttentionVariant] = []

  @Option(help: "Passes over the training images.")
  var epochs = 12

  @Option(help: "Images in one step.")
  var batchSize = 16

  @Option(help: "Adam's learning rate.")
  var learningRate = 1e-3

  @Option(help: "The factor α of the penalty.")
  var alpha = 10.0

  @Option(help: "Channels of the network's first block; each block has twice those before it.")
  var features = 16

  @Option(
    help: """
      The numbers that convolutions multiply in training: float32, or bfloat16, for half the memory between \
      layers, and speed on processors that multiply them (AMX, AVX512-BF16). Parameters and everything that \
      is reported are float32 either way.
      """)
  var precision: Precision = .float32

  @Flag(help: "Print where each network's training time went, by kind of primitive.")
  var profile = false

  @Option(help: "Rows of an image after resizing, a multiple of 16; columns follow.")
  var height = 128

  @Option(help: "Columns of an image after resizing, a multiple of 16.")
  var width = 64

  @Option(help: "At most this many slices of each patient, evenly spaced.")
  var slicesPerPatient = 10

  @Option(help: "The seed of everything: split, weights, order.")
  var seed: UInt64 = 1

  @Option(help: "How many held-out slices the report shows.")
  var pictures = 4

  @Option(
    help: """
      Batch norms when several machines train together: synchronized (the statistics of the whole batch, as \
      on one machine) or local (those of the machine's part).
      """)
  var batchNorm: Replicas.Statistics = .synchronized

  @OptionGroup(title: "Fine-tuning")
  var tuning: FineTuningOptions

  func validate() throws {
    func require(_ condition: Bool, _ message: String) throws {
      if !condition { throw ValidationError(message) }
    }
    try require(epochs > 0, "--epochs \(epochs): at least 1")
    try require(batchSize > 1, "--batch-size \(batchSize): at least 2, batch norm needs a spread")
    try require(
      learningRate.isFinite && learningRate > 0, "--learning-rate \(learningRate): above 0")
    try require(alpha.isFinite && alpha >= 0, "--alpha \(alpha): 0 or more")
    try require(features > 0, "--features \(features): at least 1")
    try require(
      height > 0 && height.isMultiple(of: 16), "--height \(height): a multiple of 16")
    try require(width > 0 && width.isMultiple(of: 16), "--width \(width): a multiple of 16")
    try require(
      height > 16 || width > 16,
      "--height 16 --width 16: one of them above 16, batch norm needs a spread")
    try require(slicesPerPatient > 0, "--slices-per-patient \(slicesPerPatient): at least 1")
    try require(pictures >= 0, "--pictures \(pictures): 0 or more")
  }

  func run() throws {
    Interruption.listen()
    // A limit on the size of files is an error of the write that meets it, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    let machines = try TrainingMachines.join(statistics: batchNorm)
    do {
      try run(on: machines)
    } catch let exit as ExitCode {
      // Everybody comes here together; other errors are of one machine, and end the others.
      try machines.leave()
      throw exit
    }
    try machines.leave()
  }

  private func run(on machines: TrainingMachines) throws {
    let folder = URL(fileURLWithPath: output, isDirectory: true)
    let dataset = try readDataset()
    print(dataset.manifest)
    if machines.isFirst {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try AtomicFile.write(
        dataset.manifest.json(), to: folder.appendingPathComponent("manifest.json"))
    }
    let sets = (training: dataset.training.imageSet, validation: dataset.validation.imageSet)
    let start = try tuning.weights.map { try StartingWeights(contentsOf: $0) }
    var trained: [TrainedVariant] = []
    for (variant, seed) in runs {
      let training = VariantTraining(
        variant: variant, seed: tuning.seeds > 1 ? seed : nil,
        folder: self.folder(of: variant, seed: seed, in: folder),
        settings: settings(variant, seed: seed), features: features, start: start,
        data: dataset.manifest.fingerprint + " " + describeImages(machines), machines: machines)
      let result = try profiled { try training.run(sets.training, sets.validation) }
      if let result { trained.append(result) }
    }
    if machines.isFirst { try finish(trained, dataset, folder) }
  }

  /// What is trained, one after the other.
  private var runs: [(variant: AttentionVariant, seed: UInt64)] {
    variants.flatMap { variant in
      (0..<UInt64(tuning.seeds)).map { (variant: variant, seed: seed &+ $0) }
    }
  }

  private func folder(of variant: AttentionVariant, seed: UInt64, in folder: URL) -> URL {
    let own = folder.appendingPathComponent(variant.rawValue)
    return tuning.seeds > 1 ? own.appendingPathComponent("seed-\(seed)") : own
  }

  private var variants: [AttentionVariant] {
    variant.isEmpty ? [.unconstrained, .dual, .exact] : variant
  }

  private func describeImages(_ machines: TrainingMachines) -> String {
    "\(height)x\(width), \(slicesPerPatient) slices, \(features) features"
      + (tuning.weights.map { ", from \($0.lastPathComponent)" } ?? "")
      + (machines.count > 1 ? ", \(machines.count) machines, \(batchNorm) batch norms" : "")
  }

  private func settings(_ variant: AttentionVariant, seed: UInt64) -> TrainingSettings {
    TrainingSettings(
      penalty: variant.penalty, alpha: alpha, epochs: epochs, batchSize: batchSize,
      partSize: tuning.partSize, learningRate: learningRate,
      schedule: tuning.schedule(learningRate: learningRate, epochs: epochs),
      maximumGradientNorm: tuning.clip, classWeighting: tuning.classWeighting,
      sampling: tuning.sampling, augmentation: tuning.augmentation, backbone: tuning.backbone,
      patience: tuning.earlyStopping, precision: precision, seed: seed)
  }

  private func readDataset() throws -> SegmentationDataset {
    var rules = SegmentationRules()
    rules.size = .exact(height: height, width: width)
    rules.maximumSlicesPerPatient = slicesPerPatient
    rules.seed = seed
    let line = ProgressLine("reading patients")
    defer { line.finish() }
    return try SegmentationDataset(
      folder: URL(fileURLWithPath: data, isDirectory: true), rules: rules,
      work: PatientWork(
        report: { line.update($0.completed, of: $0.total, $0.patient) },
        isCancelled: { Interruption.isRequested }))
  }

  private func finish(
    _ variants: [TrainedVariant], _ dataset: SegmentationDataset, _ folder: URL
  ) throws {
    for table in TrainingTables.all(variants) { print("\n" + table.aligned) }
    let panels = try writePanels(variants.ofFirstSeed, dataset.validation, folder)
    let report = ReportPage(
      variants, panels: panels, manifest: dataset.manifest,
      command: CommandLine.arguments.dropFirst().joined(separator: " "))
    let url = folder.appendingPathComponent("report.html")
    try AtomicFile.write(Data(try report.html().utf8), to: url)
    print("\nreport: \(url.path)")
  }

  /// Pictures of a few held-out slices with tumor, spread over the patients.
  private func writePanels(
    _ variants: [TrainedVariant], _ samples: [SegmentationSample], _ folder: URL
  ) throws -> [ReportPage.Panel] {
    let withTumor = samples.indices.filter { samples[$0].label }
    let count = min(pictures, withTumor.count)
    let chosen = (0..<count).map { withTumor[(2 * $0 + 1) * withTumor.count / (2 * count)] }
    let pictures = folder.appendingPathComponent("pictures")
    try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
    return try chosen.map { index in
      let sample = samples[index]
      let rows = try variants.map { variant in
        let panel = try SlicePanel(sample, at: index, of: variant.evaluation.maps)
        let picture = panel.picture()
        let name =
          "\(sample.patient)-\(sample.slice)-\(sample.side.rawValue)-\(variant.fileName)"
        try PNG.write(picture, to: pictures.appendingPathComponent(name + ".png"))
        return (network: caption(variant, index, panel), png: PNG.encode(picture))
      }
      return ReportPage.Panel(
        title: "\(sample.patient), slice \(sample.slice), \(sample.side.rawValue) half",
        rows: rows)
    }
  }

  private func caption(_ variant: TrainedVariant, _ index: Int, _ panel: SlicePanel) -> String {
    let found = variant.evaluation.classes[index] == 1 ? "tumor" : "no tumor"
    let peaks = panel.peaks.map { String(format: "%@ %.1f", $0.name, $0.peak) }
    guard !peaks.isEmpty else { return "\(variant.name): says \(found)" }
    return "\(variant.name): says \(found). Largest attention over that of a flat map: "
      + peaks.joined(separator: ", ")
  }
}

extension AttentionVariant: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension Replicas.Statistics: ExpressibleByArgument {}

extension [SegmentationSample] {
  /// The samples as images with masks and labels, 1 with tumor, 0 without, grouped by patient.
  var imageSet: ImageSet {
    var patients: [String: Int] = [:]
    return ImageSet(
      elements: flatMap(\.image), imageShape: first.map { [4, $0.height, $0.width] } ?? [4, 1, 1],
      labels: map { $0.label ? 1 : 0 }, masks: flatMap(\.mask),
      groups: map { sample in
        let number = patients[sample.patient] ?? patients.count
        patients[sample.patient] = number
        return number
      })
  }
}
