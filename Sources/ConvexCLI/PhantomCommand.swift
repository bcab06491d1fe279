import ArgumentParser
import Foundation
import MedicalImages

/// `convex phantom`: a data set of simulated patients.
struct PhantomCommand: ParsableCommand {
  /// What is simulated.
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    /// Brains with gliomas in the BraTS layout.
    case brain
    /// Bodies with muscular uptake of FDG.
    case pet
  }

  static let configuration = CommandConfiguration(
    commandName: "phantom",
    abstract: "Simulate patients: brains with gliomas (BraTS layout), or bodies in PET.",
    discussion: """
      The tumors are simulated: use them to test software, never to draw a
      conclusion about people. What is real is the brain, one T1-weighted scan.
      Each patient is that brain under a random smooth deformation, with a glioma
      grown in the white matter of one side (necrotic core, enhancing rim, edema,
      mass effect), seen in four modalities computed from relaxation times, with
      a bias field and Rician noise.

        DIR/Phantom_0001/Phantom_0001_{t1,t1ce,t2,flair,seg}.nii.gz
        DIR/README.md, DIR/phantom.json, DIR/Phantom_0001/phantom.json

      Labels: 1 necrotic core, 2 edema, 4 enhancing. The field of view is
      BraTS's, 240 x 240 x 155 mm.

      Patient n depends on the seed, the spacing and n alone, so a set of 80
      begins with the set of 40, and is the same to the bit on any number of
      threads. Interrupted (Ctrl-C, kill), it leaves whole patients; the same
      command again makes the missing ones. A folder that holds anything else
      is refused.

      With --kind pet: FDG PET scans of bodies of simple shapes, from the thigh to the
      vertex, with typical uptake of the organs, and normal, mild or severe uptake in the
      muscles; in Bq/ml, with the fields that SUV needs, and masks of the altered muscles.
      Nothing in them is real. 'convex data pet' makes projections of them.

        DIR/labels.csv, DIR/PET_0001/PET_0001_{pet,mask}.nii.gz, PET_0001_pet.json

      Examples:
        convex phantom --out patients --patients 40 --seed 1 --spacing 1.5
        convex phantom --kind pet --out bodies --patients 60
        convex phantom --out patients --template my_brain.nii.gz

      A template of your own: skull-stripped (0 outside the brain), T1-weighted,
      its midline at x = 0 of its sform or qform.

      Exit codes: 0 done; 2 wrong usage or bad input; 130 interrupted.
      """)

  @Option(
    name: [.customLong("out"), .customLong("output")],
    help: ArgumentHelp("The folder to write: new, empty, or a set to go on with.", valueName: "DIR")
  )
  var out: String

  @Option(help: ArgumentHelp("What to simulate: brain or pet.", valueName: "KIND"))
  var kind = Kind.brain

  @Option(help: ArgumentHelp("How many patients.", valueName: "N"))
  var patients = 40

  @Option(help: ArgumentHelp("The seed of everything random.", valueName: "S"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "The size of a voxel in mm; 1, as in BraTS, unless given, and 4 for pet.", valueName: "MM"))
  var spacing: Double?

  @Option(
    help: ArgumentHelp(
      "The real brain, for brain alone; unless given that of Debian's mricron-data.",
      valueName: "PATH"))
  var template: String?

  @Option(help: ArgumentHelp("Threads; all cores unless given.", valueName: "T"))
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
    if kind == .pet && template != nil {
      throw ValidationError("--template is for --kind brain; bodies are made without one")
    }
  }

  func run() throws {
    Interruption.listen()
    let line = ProgressLine("simulating patients", total: patients)
    defer { line.finish() }
    let work = PatientWork(
      report: { line.update($0.completed, of: $0.total, $0.patient) },
      isCancelled: { Interruption.isRequested })
    let folder = URL(fileURLWithPath: out)
    let size: Double
    switch kind {
    case .brain:
      size = spacing ?? 1
      let settings = PhantomSettings(
        seed: seed, spacing: size, template: template ?? PhantomSettings.defaultTemplate)
      try PhantomGenerator(settings: settings).write(
        patients: patients, to: folder, threads: threads, work: work)
    case .pet:
      size = spacing ?? 4
      try PETPhantomGenerator(settings: PETPhantomSettings(seed: seed, spacing: size)).write(
        patients: patients, to: folder, threads: threads, work: work)
    }
    line.finish()
    if isatty(FileHandle.standardOutput.fileDescriptor) == 1 {
      print("\(out): \(patients) simulated patients, seed \(seed), voxels of \(size) mm")
    }
  }
}
