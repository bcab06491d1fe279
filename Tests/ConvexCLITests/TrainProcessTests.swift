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
        #expect(
          names == [
            "best.safetensors", "checkpoint.safetensors", "history.json", "maps.safetensors",
          ])
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

  @Test func `all options of fine-tuning together train several seeds, from given weights`() throws
  {
    try withPatients { data, out in
      let first = try train(data, out, ["--epochs", "1", "--variant", "baseline"])
      #expect(first.code == 0, "\(first.errors)")
      let weights = out.appendingPathComponent("baseline/best.safetensors").path
      let tuned = out.appendingPathComponent("tuned")
      let more = [
        "--variant", "fine", "--weights", weights, "--backbone", "frozen", "--schedule", "cosine",
        "--part-size", "2", "--clip", "1", "--class-weights", "1,2.5", "--sampling", "balanced",
        "--flip", "--flip-vertically", "--rotate", "10", "--translate", "0.1", "--scale", "0.1",
        "--shear", "5", "--early-stopping", "1", "--seeds", "2", "--epochs", "3",
      ]
      let finished = try train(data, tuned, more)
      #expect(finished.code == 0 && finished.errors.isEmpty, "\(finished.errors)")
      #expect(finished.output.contains("Fine gate, seed 1"))
      #expect(finished.output.contains("Fine gate, seed 2"))
      #expect(finished.output.contains(" ± "))
      let before = try Safetensors(contentsOf: URL(fileURLWithPath: weights))
      for seed in 1...2 {
        let file = tuned.appendingPathComponent("fine/seed-\(seed)/checkpoint.safetensors")
        let after = try Safetensors(contentsOf: file)
        let name = "model.encoder1.enc1conv1.weight"
        #expect(after.arrays[name] == before.arrays[name])
        #expect(after.arrays["model.fc.weight"] != before.arrays["model.fc.weight"])
        #expect(after.arrays["model.tau_k.w1.weight"] != nil)
        #expect(after.arrays["model.tau_l.w1.weight"] == nil)
      }
      // The same command again has nothing left to train.
      let again = try train(data, tuned, more)
      #expect(again.code == 0 && again.output.contains("seed 2, continued after epoch"))
      // Other weights are another run, and weights of another network do not fit.
      let other = try train(data, tuned, ["--variant", "fine", "--seeds", "2"])
      #expect(other.code == 2 && other.errors.contains("was written by another run"))
      let wide = try train(
        data, out.appendingPathComponent("wide"), ["--weights", weights, "--features", "3"])
      #expect(wide.code == 2 && wide.errors.contains("bottleneck.bottleneckconv1.weight has shape"))
    }
  }

  @Test func `a full disk and a killed writer leave the last checkpoint as it is`() throws {
    try withPatients { data, out in
      let first = try train(data, out, ["--epochs", "1", "--variant", "baseline"])
      #expect(first.code == 0, "\(first.errors)")
      let folder = out.appendingPathComponent("baseline")
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      let before = try Data(contentsOf: file)
      // What a writer that was killed leaves: half a file under a name of its own.
      let leftover = folder.appendingPathComponent(".123456789.partial")
      try before.prefix(1000).write(to: leftover)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -3600)], ofItemAtPath: leftover.path)

      // No file may grow beyond 8 blocks of 512 or 1024 bytes: less than a checkpoint.
      let words = Self.arguments(data, out) + ["--epochs", "2", "--variant", "baseline"]
      let full = ConvexProcess(words)
      let program = try #require(full.process.executableURL).path
      full.process.executableURL = URL(fileURLWithPath: "/bin/sh")
      full.process.arguments = ["-c", "ulimit -f 8; exec \"$0\" \"$@\"", program] + words
      try full.process.run()
      let finished = full.finish()
      #expect(finished.code == 2)
      #expect(finished.errors.contains("File too large"), "\(finished.errors)")
      #expect(finished.errors.split(separator: "\n").count == 1)
      #expect(try Data(contentsOf: file) == before)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.filter { $0.hasSuffix(".partial") }.isEmpty)

      let again = try train(data, out, ["--epochs", "2", "--variant", "baseline"])
      #expect(again.code == 0 && again.output.contains("Baseline, continued after epoch 1"))
    }
  }

  @Test func `bad usage and bad input are one line on standard error, and code 2`() throws {
    try withTemporaryDirectory { folder in
      let out = folder.appendingPathComponent("out")
      let cases: [([String], String)] = [
        (["--epochs", "0"], "--epochs 0"), (["--height", "30"], "--height 30"),
        (["--batch-size", "1"], "--batch-size 1"), (["--penalty", "none"], "none"),
        (["--alpha", "nan"], "--alpha nan"), ([], folder.path), (["--clip", "0"], "--clip 0"),
        (["--part-size", "1"], "--part-size 1"), (["--seeds", "0"], "--seeds 0"),
        (["--class-weights", "1,x"], "1,x"), (["--class-weights", "1,2,3"], "--class-weights"),
        (["--rotate", "200"], "--rotate 200"), (["--scale", "1"], "--scale 1"),
        (["--early-stopping", "0"], "--early-stopping 0"), (["--schedule", "linear"], "linear"),
        (["--weights", "/nowhere/w.safetensors"], folder.path),
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
