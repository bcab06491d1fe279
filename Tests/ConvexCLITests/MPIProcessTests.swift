#if MPI
  import ArrayFiles
  import Foundation
  import TestSupport
  import Testing

  @testable import ConvexCLI

  /// `mpirun convex train`, two processes on this machine.
  @Suite(.serialized) struct MPIProcessTests {
    private static func together(_ words: [String]) throws -> ConvexProcess.Finished {
      let program = ConvexProcess(words)
      let convex = try #require(program.process.executableURL).path
      program.process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      program.process.arguments = ["mpirun", "-np", "2", "--oversubscribe", convex] + words
      program.process.environment = ProcessInfo.processInfo.environment.merging([
        "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
        "OMP_NUM_THREADS": "1",
      ]) { $1 }
      try program.process.run()
      return program.finish()
    }

    private func withPatients(_ body: (_ data: URL, _ folder: URL) throws -> Void) throws {
      try withTemporaryDirectory { folder in
        let data = folder.appendingPathComponent("patients")
        let made = try ConvexProcess.run([
          "phantom", "--out", data.path, "--patients", "4", "--seed", "5", "--spacing", "6",
        ])
        #expect(made.code == 0, "\(made.errors)")
        try body(data, folder)
      }
    }

    private func words(_ data: URL, _ out: URL, _ more: [String]) -> [String] {
      [
        "train", "--data", data.path, "--out", out.path, "--features", "2", "--height", "32",
        "--width", "16", "--slices-per-patient", "2", "--batch-size", "64", "--pictures", "0",
        "--learning-rate", "1e-5", "--variant", "dual",
      ] + more
    }

    private func weights(_ out: URL) throws -> [String: StoredArray] {
      try Safetensors(
        contentsOf: out.appendingPathComponent("dual/checkpoint.safetensors")
      ).arrays.filter { $0.key.hasPrefix("model.") && $0.value.elementType == .f32 }
    }

    @Test func `two processes with half the batch equal one with the whole, to rounding`() throws {
      try withPatients { data, folder in
        let (alone, both) = (
          folder.appendingPathComponent("alone"), folder.appendingPathComponent("both")
        )
        let one = try ConvexProcess.run(words(data, alone, ["--epochs", "3"]))
        #expect(one.code == 0, "\(one.errors)")
        let two = try Self.together(words(data, both, ["--epochs", "3"]))
        #expect(two.code == 0, "\(two.errors)")
        // One of them prints.
        #expect(two.output.components(separatedBy: "report: ").count == 2)
        let (a, b) = (try weights(alone), try weights(both))
        #expect(a.keys.sorted() == b.keys.sorted() && !a.isEmpty)
        for (name, array) in a where !name.hasSuffix("w2.bias") {
          let (x, y) = (try array.floats(), try #require(b[name]).floats())
          let scale = x.map(abs).max() ?? 0
          #expect(maximumAbsoluteDifference(x, y) < 2e-6 + 1e-4 * scale, "\(name)")
        }
        // More epochs of the same run, by both again.
        let more = try Self.together(words(data, both, ["--epochs", "4"]))
        #expect(more.code == 0 && more.output.contains("Dual, continued after epoch 3"))
        // One machine's run is another one.
        let other = try ConvexProcess.run(words(data, both, ["--epochs", "4"]))
        #expect(other.code == 2 && other.errors.contains("2 machines"))
        // What only the first process finds wrong ends both, in its words, and changes nothing.
        let before = try weights(both)
        let wrong = try Self.together(words(data, both, ["--epochs", "4", "--alpha", "3"]))
        #expect(wrong.code != 0 && wrong.errors.contains("alpha 10.0, now 3.0"))
        #expect(try weights(both) == before)
      }
    }
  }
#endif
