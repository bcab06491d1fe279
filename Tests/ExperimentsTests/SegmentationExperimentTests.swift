import Foundation
import MedicalImages
import Networks
import TestSupport
import Testing

@testable import Experiments

/// The second experiment from files to tables, with the smallest networks.
@Suite struct SegmentationExperimentTests {
  @Test func `every method is compared with the masks, for every seed`() throws {
    try withTemporaryDirectory { folder in
      let data = folder.appendingPathComponent("data")
      try ExampleData.writePatients(to: data)
      // A patient without a modality costs the others nothing.
      try ExampleData.writePatients(to: folder.appendingPathComponent("more"), count: 6)
      try FileManager.default.moveItem(
        at: folder.appendingPathComponent("more/P5"), to: data.appendingPathComponent("P5"))
      try FileManager.default.removeItem(at: data.appendingPathComponent("P5/P5_t2.nii.gz"))
      let experiment = try Experiment(segmenting: data, ExampleData.segmentation())
      #expect(experiment.manifest.contains("left out: P5"))
      let out = folder.appendingPathComponent("out")
      guard
        case .finished(let results) = try experiment.run(in: out, estimate: ExampleData.unmeasured)
      else {
        Issue.record("not finished")
        return
      }
      #expect(results.records.count == 14 * 2)
      #expect(results.metrics.map(\.title) == ["mAP", "IoU at 0.975", "IoU at 0.95", "IoU at 0.9"])
      for record in results.records {
        #expect(Block.allCases.filter { record[$0] != nil } == record.method.blocks)
        for block in record.method.blocks {
          let values = results.metrics.compactMap { record[block]?.metrics[$0] }
          #expect(values.count == 4 && values.allSatisfy { (0...1).contains($0) })
          #expect(record[block]?.curve == nil)
        }
        #expect(record.panels.count == (record.seed == 1 ? 1 : 0))
      }
      let names = try contents(of: out, endings: ["csv", "md"]).keys.sorted()
      #expect(names == ["results.csv", "tables.md"])
      #expect(try experiment.run(in: out) == .finished(results))
    }
  }

  @Test func `a map that is the mask overlaps it entirely, and its contrary not at all`() throws {
    try withTemporaryDirectory { folder in
      let data = folder.appendingPathComponent("data")
      try ExampleData.writePatients(to: data)
      let configuration = ExampleData.segmentation()
      let study = try SegmentationStudy(
        SegmentationDataset(folder: data, rules: configuration.images.rules), configuration)
      let masks = study.explained.flatMap { study.samples[$0].mask }
      let shape = [study.explained.count, 1, 16, 16]
      let baseline = try study.makeNetwork(.baseline, seed: 1)
      let perfect = try #require(
        try study.score(Tensor(masks, shape: shape), baseline: baseline) { true })
      #expect(perfect.metrics[.averagePrecision] == 1)
      let contrary = try #require(
        try study.score(Tensor(masks.map { 1 - $0 }, shape: shape), baseline: baseline) { true })
      #expect(contrary.metrics[.overlap(0.9)] == 0)
      #expect(try study.score(Tensor(masks, shape: shape), baseline: baseline) { false } == nil)
    }
  }

  @Test func `where there are no data, the error says how to make some`() throws {
    try withTemporaryDirectory { folder in
      let path = folder.appendingPathComponent("data")
      guard
        case .noData(let found, let remedy) = thrown({ () throws(ExperimentError) in
          _ = try Experiment(segmenting: path, ExampleData.segmentation())
        })
      else {
        Issue.record("not refused")
        return
      }
      #expect(found == path.path && remedy.contains("convex phantom --out"))
      try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
      #expect(
        thrown { () throws(ExperimentError) in
          _ = try Experiment(segmenting: path, ExampleData.segmentation())
        } == .images(.noPatients(folder: path.path)))
    }
  }
}
