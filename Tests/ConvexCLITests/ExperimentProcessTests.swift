import Foundation
import TestSupport
import Testing

/// `convex experiment` as a shell sees it, on small simulated data and with the smallest networks.
@Suite struct ExperimentProcessTests {
  private static let tiny = """
    {
      "seeds": [1],
      "images": {"height": 32, "width": 32, "trainingFraction": 0.5},
      "backbone": {"width": 1, "training": {"epochs": 1, "batchSize": 4}},
      "gates": {"inSeries": 1, "training": {"epochs": 1, "batchSize": 4}},
      "transformer": {"patch": 16, "width": 8, "depth": 1, "heads": 2,
        "training": {"epochs": 1, "batchSize": 4}},
      "explanation": {"panels": 1},
      "removal": {"fractions": [0, 0.5, 1]}
    }
    """

  private func withProjections(
    _ body: (_ data: String, _ config: URL, _ out: URL) throws -> Void
  ) throws {
    try withTemporaryDirectory { folder in
      let (bodies, data) = (folder.path + "/bodies", folder.path + "/projections")
      let made = try ConvexProcess.run([
        "phantom", "--kind", "pet", "--out", bodies, "--patients", "12", "--spacing", "16",
      ])
      #expect(made.code == 0, "\(made.errors)")
      let projected = try ConvexProcess.run([
        "data", "pet", "--in", bodies, "--out", data, "--height", "32", "--width", "32",
      ])
      #expect(projected.code == 0, "\(projected.errors)")
      let config = folder.appendingPathComponent("tiny.json")
      try Data(Self.tiny.utf8).write(to: config)
      try body(data, config, folder.appendingPathComponent("out"))
    }
  }

  @Test func `a run leaves tables, figures and a page, stops when asked, and refuses another one`()
    throws
  {
    try withProjections { data, config, out in
      let arguments = [
        "experiment", "perturbation", "--data", data, "--config", config.path, "--out", out.path,
      ]
      let program = ConvexProcess(arguments)
      try program.process.run()
      let record = out.appendingPathComponent("records/tau-k-seed-1.json").path
      while program.process.isRunning && !FileManager.default.fileExists(atPath: record) {
        usleep(2000)
      }
      program.process.interrupt()
      let stopped = program.finish()
      #expect(stopped.code == 130)
      #expect(stopped.errors.hasPrefix("convex: interrupted; "))
      #expect(stopped.errors.contains("of 12 records are there"))

      let finished = try ConvexProcess.run(arguments)
      #expect(finished.code == 0 && finished.errors.isEmpty, "\(finished.errors)")
      #expect(finished.output.contains("Does consistency improve explanation?"))
      #expect(!finished.output.contains("τᵏ alone, seed 1"))  // it was there already
      let names = try FileManager.default.contentsOfDirectory(atPath: out.path).sorted()
      #expect(
        names == [
          "configuration.json", "curves.csv", "data.json", "figures", "manifest.json", "networks",
          "records", "report.html", "results.csv", "results.json", "tables.md",
        ])
      let figures = try FileManager.default.contentsOfDirectory(atPath: out.path + "/figures")
      #expect(figures.sorted() == ["curves-block-3.svg", "curves-block-4.svg", "panel-1.png"])
      let page = try String(
        contentsOf: out.appendingPathComponent("report.html"), encoding: .utf8)
      #expect(page.contains("fraction of pixels removed") && page.contains("balanced accuracy"))
      #expect(page.contains("CVX, block 4") && !page.contains("src=\"http"))

      let own = out.path + "/results.csv"
      let beside = try ConvexProcess.run(arguments + ["--beside", own])
      #expect(beside.code == 0 && beside.output.contains("Beside results.csv: this run's number"))
      #expect(beside.output.contains("pairs ordered alike"))
      let tables = try String(
        contentsOf: out.appendingPathComponent("tables.md"), encoding: .utf8)
      #expect(tables.contains("Beside results.csv"))
      try Data("method,block,metric,value\ndual,3,mean_average_precision,0.4\n".utf8)
        .write(to: URL(fileURLWithPath: own + "2"))
      let useless = try ConvexProcess.run(arguments + ["--beside", own + "2"])
      #expect(useless.code == 2)
      #expect(
        useless.errors
          == "convex: results.csv2: has numbers of mean_average_precision and none of area, "
          + "area_above_chance, which this experiment has; name them so\n")
      let missing = try ConvexProcess.run(arguments + ["--beside", own + "3"])
      #expect(missing.code == 2 && missing.errors.contains("results.csv3: "))

      let other = try ConvexProcess.run(arguments + ["--seeds", "2"])
      #expect(other.code == 2)
      #expect(
        other.errors
          == "convex: \(out.path): belongs to a run with seeds [1], now [1, 2]; use the same "
          + "configuration to continue it, or another --out\n")

      let estimate = try ConvexProcess.run(arguments + ["--estimate-only"])
      #expect(estimate.code == 0 && estimate.output.contains("train baseline"))
      #expect(estimate.output.contains("in all: "))
    }
  }

  @Test func `bad usage and bad input are one line on standard error, and code 2`() throws {
    try withTemporaryDirectory { folder in
      let config = folder.appendingPathComponent("c.json")
      try Data(#"{"sedes": [1]}"#.utf8).write(to: config)
      let (data, out) = (folder.path + "/none", folder.path + "/out")
      let cases: [([String], String)] = [
        (["experiment", "perturbation", "--out", out], "--data"),
        (
          ["experiment", "perturbation", "--data", data, "--out", out],
          "\(data): there is no data set; make a simulated set with 'convex phantom --kind pet"
        ),
        (
          ["experiment", "segmentation", "--data", data, "--out", out],
          "\(data): there is no data set; make a simulated set with 'convex phantom --out"
        ),
        (
          ["experiment", "segmentation", "--data", data, "--out", out, "--seeds", "0"],
          "--seeds 0: 1 to 1000"
        ),
        (
          ["experiment", "segmentation", "--data", data, "--out", out, "--scale", "huge"], "huge"
        ),
        (
          ["experiment", "segmentation", "--data", data, "--out", out, "--config", config.path],
          "no setting is called sedes; there are "
        ),
      ]
      for (arguments, words) in cases {
        let finished = try ConvexProcess.run(arguments)
        #expect(finished.code == 2, "\(arguments)")
        #expect(finished.output.isEmpty && finished.errors.contains(words), "\(finished.errors)")
        #expect(finished.errors.split(separator: "\n").count == 1)
      }
      #expect(!FileManager.default.fileExists(atPath: out))
    }
  }
}
