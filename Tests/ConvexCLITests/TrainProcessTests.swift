import ArrayFiles
import Foundation
import TestSupport
import Testing

@testable import ConvexCLI

/// `convex train` as a shell sees it, on a small simulated data set.
@Suite struct TrainProcessTests {
  private func train(_ data: URL, _ out: URL, _ more: [String]) throws -> ConvexProcess.Finished {
    try ConvexProcess.run(Self.arguments(data, out) + more)
  }

  private static func arguments(_ data: URL, _ out: URL) -> [String] {
    [
      "train", "--data", data.path, "--out", out.path, "--features", "2", "--height", "32",
      "--width", "16", "--slices-per-patient", "2", "--batch-size", "4", "--pictures", "1",
    ]
  }

  private func withPatients(_ body: (_ data: URL, _ out: URL) throws -> Void) throws {
    try withTemporaryDirectory { folder in
      let data = folder.appendingPathComponent("patients")
      let made = try ConvexProcess.run([
        "phantom", "--out", data.path, "--patients", "4", "--seed", "5", "--spacing", "6",
      ])
      #expect(made.code == 0, "\(made.errors)")
      try body(data, folder.appendingPathComponent("out"))
    }
  }

  @Test func `a run leaves checkpoints, maps, pictures and a report, and goes on from them`()
    throws
  {
    try withPatients { data, out in
      let first = try train(data, out, ["--epochs", "1"])
      #expect(first.code == 0 && first.errors.isEmpty, "\(first.errors)")
      #expect(first.output.contains("3 patients") && first.output.contains("sha256"))
      let report = try String(
        contentsOf: out.appendingPathComponent("report.html"), encoding: .utf8)
      #expect(report.contains("data:image/png;base64,") && report.contains("Dual, learned λ"))
      for penalty in ["unconstrained", "dual", "exact"] {
        let folder = out.appendingPathComponent(penalty)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["checkpoint.safetensors", "history.json", "maps.safetensors"])
        let maps = try Safetensors(contentsOf: folder.appendingPathComponent("maps.safetensors"))
        #expect(try maps.array(named: "fine_shape").integers() == [8, 4])
        #expect(try maps.array(named: "coarse_shape").integers() == [4, 2])
      }
      let solved = try ConvexProcess.run([
        "solve", out.appendingPathComponent("dual/maps.safetensors").path, "--json",
      ])
      #expect(solved.code == 0 && solved.output.contains("\"method\""))

      let again = try train(data, out, ["--epochs", "2", "--penalty", "dual"])
      #expect(again.code == 0 && again.output.contains("Dual, continued after epoch 1"))
    }
  }

  @Test func `an interrupted run says where it stands, and code 130`() throws {
    try withPatients { data, out in
      let program = ConvexProcess(Self.arguments(data, out) + ["--epochs", "100000"])
      try program.process.run()
      let checkpoint = out.appendingPathComponent("unconstrained/checkpoint.safetensors").path
      while program.process.isRunning && !FileManager.default.fileExists(atPath: checkpoint) {
        usleep(2000)
      }
      program.process.interrupt()
      let finished = program.finish()
      #expect(finished.code == 130)
      #expect(finished.errors.hasPrefix("interrupted; Unconstrained stands at epoch "))
      #expect(finished.errors.split(separator: "\n").count == 1)
      #expect(throws: Never.self) {
        try Safetensors(contentsOf: URL(fileURLWithPath: checkpoint))
      }
    }
  }

  @Test func `a checkpoint of other options is refused, and stays`() throws {
    try withPatients { data, out in
      let first = try train(data, out, ["--epochs", "1", "--penalty", "dual", "--profile"])
      #expect(first.code == 0, "\(first.errors)")
      #expect(first.output.contains("\nconv2d ") && first.output.contains("\nwitnessPenalty "))
      #expect(first.output.contains("operations per second in convolutions"))
      let file = out.appendingPathComponent("dual/checkpoint.safetensors")
      let before = try Data(contentsOf: file)
      let other = try train(data, out, ["--epochs", "1", "--penalty", "dual", "--alpha", "3"])
      #expect(other.code == 2 && other.errors.contains("alpha 10.0, now 3.0"))
      try before.prefix(500).write(to: file)
      let broken = try train(data, out, ["--epochs", "1", "--penalty", "dual"])
      #expect(broken.code == 2 && broken.errors.contains(file.path))
      #expect(try Data(contentsOf: file) == before.prefix(500))
    }
  }

  @Test func `bad usage and bad input are one line on standard error, and code 2`() throws {
    try withTemporaryDirectory { folder in
      let out = folder.appendingPathComponent("out")
      let cases: [([String], String)] = [
        (["--epochs", "0"], "--epochs 0"), (["--height", "30"], "--height 30"),
        (["--batch-size", "1"], "--batch-size 1"), (["--penalty", "none"], "none"),
        (["--alpha", "nan"], "--alpha nan"), ([], folder.path),
      ]
      for (arguments, text) in cases {
        let finished = try train(folder, out, arguments)
        #expect(finished.code == 2 && finished.output.isEmpty, "\(arguments)")
        #expect(finished.errors.contains(text), "\(finished.errors)")
        #expect(finished.errors.split(separator: "\n").count == 1)
      }
    }
  }
}
