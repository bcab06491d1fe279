import ArgumentParser
import Experiments
import Foundation
import MedicalImages

/// One run of an experiment from the command line: its lines on the terminal, its page.
struct ExperimentSession {
  private let options: ExperimentOptions

  init(_ options: ExperimentOptions) { self.options = options }

  /// Reads the data, runs what is missing, writes the report.
  ///
  /// - Parameter make: Makes the experiment.
  /// - Throws: What the experiment throws; `ExitCode` 130 when interrupted, and 1 when a network's numbers
  ///   are not finite any more.
  func run(_ make: (PatientWork) throws -> Experiment) throws {
    Interruption.listen()
    let other = try options.otherResults()
    let experiment = try read(make)
    print(experiment.manifest)
    var estimate: TimeEstimate?
    if options.scale == .paper || options.estimateOnly {
      let measured = try experiment.estimate()
      print("\nestimate, from one step of each network and the maps of a few images:\n\(measured)")
      fflush(nil)
      estimate = measured
    }
    if options.estimateOnly { return }
    let folder = URL(fileURLWithPath: options.output, isDirectory: true)
    let outcome: ExperimentOutcome
    do {
      outcome = try run(experiment, in: folder, estimate, beside: other)
    } catch {
      guard case ExperimentError.diverged = error else { throw error }
      tell("convex: \(error)")
      throw Exit.failure
    }
    switch outcome {
    case .interrupted(let done, let all):
      tell(
        "convex: interrupted; \(done) of \(all) records are there, run the same command to go on")
      throw ExitCode(Interruption.exitCode)
    case .finished(let results):
      for table in results.tables { print("\n\(table.caption)\n\n\(table.aligned)") }
      print("\nDoes consistency improve explanation? \(results.reading)")
      let page = try ExperimentPage(
        results, manifest: experiment.manifest,
        command: CommandLine.arguments.dropFirst().joined(separator: " ")
      ).write(to: folder)
      print("\nreport: \(page.path)")
    }
  }

  private func read(_ make: (PatientWork) throws -> Experiment) throws -> Experiment {
    let line = ProgressLine("reading images")
    defer { line.finish() }
    return try make(
      PatientWork(
        report: { line.update($0.completed, of: $0.total, $0.patient) },
        isCancelled: { Interruption.isRequested }))
  }

  private func run(
    _ experiment: Experiment, in folder: URL, _ estimate: TimeEstimate?, beside other: OtherResults?
  ) throws -> ExperimentOutcome {
    let line = ProgressLine("per mille done", total: 1000)
    defer { line.finish() }
    return try experiment.run(
      in: folder, estimate: estimate, beside: other,
      observer: ExperimentObserver(
        shouldStop: { Interruption.isRequested },
        didAdvance: { line.update(Int(1000 * $0.fraction), $0.activity) },
        didRecord: { record in
          line.finish()
          print(Self.text(record))
          fflush(nil)
        }))
  }

  /// A line for a record.
  private static func text(_ record: MethodRecord) -> String {
    let scores = Block.allCases.compactMap { block in
      record[block].map { score in
        "\(block.title) "
          + score.metrics.sorted { $0.key < $1.key }
          .map { "\($0.key.title) \(String(format: "%.3f", $0.value))" }.joined(separator: ", ")
      }
    }
    return "\(record.method.title), seed \(record.seed): " + scores.joined(separator: "; ")
  }

  private func tell(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }
}
