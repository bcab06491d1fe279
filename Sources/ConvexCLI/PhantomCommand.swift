import ArgumentParser
import Foundation
import MedicalImages

/// `convex phantom`: a data set of simulated patients.
struct PhantomCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phantom",
    abstract: "Simulate patients with gliomas, from one real brain, in the BraTS layout.",
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

      Examples:
        convex phantom --out patients --patients 40 --seed 1 --spacing 1.5
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

  @Option(help: ArgumentHelp("How many patients.", valueName: "N"))
  var patients = 40

  @Option(help: ArgumentHelp("The seed of everything random.", valueName: "S"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("The size of a voxel in mm; BraTS has 1.", valueName: "MM"))
  var spacing = 1.0

  @Option(
    help: ArgumentHelp("The real brain; Debian has this one in mricron-data.", valueName: "PATH"))
  var template = PhantomSettings.defaultTemplate

  @Option(help: ArgumentHelp("Threads; all cores unless given.", valueName: "T"))
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  func run() throws {
    Interruption.listen()
    let generator = try PhantomGenerator(
      settings: PhantomSettings(seed: seed, spacing: spacing, template: template))
    let line = ProgressLine("simulating patients", total: patients)
    defer { line.finish() }
    let work = PatientWork(
      report: { line.update($0.completed, of: $0.total, $0.patient) },
      isCancelled: { Interruption.isRequested })
    try generator.write(
      patients: patients, to: URL(fileURLWithPath: out), threads: threads, work: work)
    line.finish()
    if isatty(FileHandle.standardOutput.fileDescriptor) == 1 {
      print("\(out): \(patients) simulated patients, seed \(seed), voxels of \(spacing) mm")
    }
  }
}
