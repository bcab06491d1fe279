import Foundation
import TestSupport
import Testing

@testable import Experiments

@Suite struct RecordStoreTests {
  private let record = MethodRecord(
    method: .dual, seed: 3,
    network: .init(accuracy: 0.1, balancedAccuracy: 1.0 / 3, crossEntropy: .infinity))

  @Test func `a record reads back as it was, also where a number is not finite`() throws {
    try withTemporaryDirectory { folder in
      var record = record
      record.third = BlockScore(
        metrics: [.overlap(0.975): 0.1 + 0.2], curve: .init(fractions: [0, 1], accuracies: [1, 0]))
      record.panels = [
        .init(
          image: 4, found: 1, maps: [.init(block: .third, grid: [1, 2], values: [0.1, 1e-30])])
      ]
      let store = RecordStore(folder: folder.appendingPathComponent("records"))
      #expect(try store.read(.dual, seed: 3) == nil)
      try store.write(record)
      #expect(try store.read(.dual, seed: 3) == record)
      #expect(try store.read(.dual, seed: 4) == nil)
    }
  }

  @Test func `a damaged record, or one of another method, is named and not used`() throws {
    try withTemporaryDirectory { folder in
      let store = RecordStore(folder: folder)
      try store.write(record)
      let other = store.url(.exact, seed: 3)
      try FileManager.default.copyItem(at: store.url(.dual, seed: 3), to: other)
      #expect(
        thrown { () throws(ExperimentError) in _ = try store.read(.exact, seed: 3) }
          == .unreadableRecord(path: other.path, reason: "it is that of dual, seed 3"))
      try Data("{".utf8).write(to: other)
      #expect(
        thrown { () throws(ExperimentError) in _ = try store.read(.exact, seed: 3) }
          == .unreadableRecord(path: other.path, reason: "it does not read as one"))
    }
  }

  @Test func `a folder that cannot be made is named`() throws {
    try withTemporaryDirectory { folder in
      let file = folder.appendingPathComponent("file")
      try Data().write(to: file)
      let store = RecordStore(folder: file.appendingPathComponent("records"))
      guard
        case .unwritable(let path, _) = thrown({ () throws(ExperimentError) in
          try store.write(record)
        })
      else {
        Issue.record("not refused")
        return
      }
      #expect(path == store.folder.path)
    }
  }
}
