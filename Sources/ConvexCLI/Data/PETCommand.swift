import ArgumentParser
import Foundation
import MedicalImages

/// `convex data pet`: labeled projections of labeled PET volumes.
struct PETCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pet",
    abstract: "Make coronal projections of PET volumes, in SUV where the header allows it.",
    discussion: """
      Reads DIR/labels.csv and the volumes that it names:

        image,patient,label,mask      (mask: a volume that is not 0 where uptake is altered; optional)
        A/pet.nii.gz,A,mild,          a NIfTI file; A/pet.json beside it is read for SUV
        B/dicom,B,severe,             a folder with one DICOM series; needs the program dcm2niix

      Labels are normal, mild and severe. Writes for each the coronal maximum-intensity
      projection in the patient's frame, head up, the patient's right on the left, with its
      proportions kept:

        OUT/labels.csv, OUT/projections.json, OUT/A_pet.png, OUT/A_pet.json, OUT/masks/A_pet.png

      Pictures have 16 bits: stored / 65535 x "maximum" of the JSON file is the value. SUV
      is by body weight, from dose, weight, half-life and times of the sidecar (dcm2niix or BIDS).
      Where one is missing the stored unit is kept, the picture's own maximum is white, and the
      volume is listed with the reason.

      A volume that cannot be used is listed and costs the others nothing. Interrupted (Ctrl-C),
      it leaves whole pictures; the same command again makes the missing ones. A folder
      that holds anything else is refused.

      Examples:
        convex data pet --in scans --out projections
        convex phantom --kind pet --out bodies --patients 60
        convex data pet --in bodies --out projections --maximum-suv 8

      Exit codes: 0 done, volumes left out or not; 2 wrong usage or bad input; 130 interrupted.
      """)

  @Option(
    name: [.customLong("in"), .customLong("input")],
    help: ArgumentHelp("The folder with the volumes.", valueName: "DIR"))
  var input: String

  @Option(
    name: [.customLong("out"), .customLong("output")],
    help: ArgumentHelp("The folder to write: new, empty, or one to go on with.", valueName: "OUT"))
  var output: String

  @Option(help: ArgumentHelp("The table, if it is not DIR/labels.csv.", valueName: "FILE"))
  var labels: String?

  @Option(help: ArgumentHelp("The SUV that is white.", valueName: "SUV"))
  var maximumSuv = PETSettings().maximumSUV

  @Option(help: ArgumentHelp("Rows of a picture.", valueName: "N"))
  var height = PETSettings().height

  @Option(help: ArgumentHelp("Columns of a picture.", valueName: "N"))
  var width = PETSettings().width

  @Option(help: ArgumentHelp("Threads; all cores unless given.", valueName: "T"))
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  func run() throws {
    Interruption.listen()
    var settings = PETSettings()
    (settings.height, settings.width, settings.maximumSUV) = (height, width, maximumSuv)
    let line = ProgressLine("projecting volumes")
    defer { line.finish() }
    let work = PatientWork(
      report: { line.update($0.completed, of: $0.total, $0.patient) },
      isCancelled: { Interruption.isRequested })
    let summary = try PETProjector(settings: settings).project(
      URL(fileURLWithPath: input, isDirectory: true),
      labels: labels.map { URL(fileURLWithPath: $0) },
      to: URL(fileURLWithPath: output, isDirectory: true), threads: threads, work: work)
    line.finish()
    report(summary)
  }

  private func report(_ summary: PETProjector.Summary) {
    func warn(_ text: String) { FileHandle.standardError.write(Data("convex: \(text)\n".utf8)) }
    for (name, reason) in summary.stored.sorted(by: { $0.key < $1.key }) {
      warn("\(name): kept in its stored unit, not SUV: \(reason)")
    }
    for problem in summary.problems { warn("left out: \(problem)") }
    let total = summary.written + summary.kept
    print(
      "\(output): \(total) projections (\(summary.kept) were there), "
        + "\(total - summary.stored.count) in SUV, \(summary.problems.count) left out")
  }
}
