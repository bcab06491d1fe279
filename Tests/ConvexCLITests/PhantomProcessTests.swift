import Foundation
import TestSupport
import Testing

/// `convex phantom` as a shell sees it.
@Suite struct PhantomProcessTests {
  private func phantom(_ arguments: [String]) throws -> ConvexProcess.Finished {
    try ConvexProcess.run(["phantom"] + arguments)
  }

  @Test func `a set is written silently in a pipe, and again nothing changes`() throws {
    try withTemporaryDirectory { folder in
      let out = folder.appendingPathComponent("set").path
      let arguments = ["--out", out, "--patients", "2", "--seed", "5", "--spacing", "8"]
      for _ in 0..<2 {
        let finished = try phantom(arguments)
        #expect(finished.code == 0 && finished.output.isEmpty && finished.errors.isEmpty)
        let names = try FileManager.default.contentsOfDirectory(atPath: out).sorted()
        #expect(names == ["Phantom_0001", "Phantom_0002", "README.md", "phantom.json"])
      }
      let other = try phantom(["--out", out, "--seed", "6", "--spacing", "8"])
      #expect(other.code == 2 && other.errors.contains("other settings (seed 5"))
    }
  }

  @Test func `bad usage and bad input are one line on standard error, and code 2`() throws {
    try withTemporaryDirectory { folder in
      try Data("mine".utf8).write(to: folder.appendingPathComponent("letter.txt"))
      let cases: [([String], String)] = [
        ([], "--out"),
        (["--out", folder.path], "holds files that are no phantom data set"),
        (["--out", folder.path, "--spacing=-1"], "spacing is -1.0"),
        (["--out", folder.path, "--patients", "0"], "patients is 0"),
        (["--out", folder.path, "--threads", "0"], "--threads must be at least 1"),
        (["--out", folder.path, "--template", "/none.nii.gz"], "/none.nii.gz: cannot be read"),
      ]
      for (arguments, text) in cases {
        let finished = try phantom(arguments)
        #expect(finished.code == 2 && finished.output.isEmpty, "\(arguments)")
        #expect(finished.errors.contains(text), "\(finished.errors)")
        #expect(finished.errors.split(separator: "\n").count == 1)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["letter.txt"])
    }
  }

  @Test func `an interruption leaves whole patients, and code 130`() throws {
    try withTemporaryDirectory { folder in
      let out = folder.appendingPathComponent("set")
      let program = ConvexProcess(
        ["phantom", "--out", out.path, "--patients", "500", "--spacing", "6", "--threads", "1"])
      let process = program.process
      try process.run()
      let first = out.appendingPathComponent("Phantom_0001").path
      while process.isRunning && !FileManager.default.fileExists(atPath: first) { usleep(2000) }
      process.interrupt()
      let finished = program.finish()
      #expect(finished.code == 130 && finished.errors == "convex: interrupted\n")
      let names = try FileManager.default.contentsOfDirectory(atPath: out.path)
      #expect(names.count < 502 && !names.contains { $0.hasSuffix(".partial") })
      for name in names where name.hasPrefix("Phantom") {
        let files = try FileManager.default.contentsOfDirectory(
          atPath: out.appendingPathComponent(name).path)
        #expect(files.count == 6)
      }
    }
  }

  @Test func `help teaches on standard output, and is code 0`() throws {
    let finished = try phantom(["--help"])
    #expect(finished.code == 0 && finished.errors.isEmpty)
    #expect(finished.output.contains("The tumors are simulated"))
    #expect(finished.output.contains("convex phantom --out patients --patients 40"))
  }
}
