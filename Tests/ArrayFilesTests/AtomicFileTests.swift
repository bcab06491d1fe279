import ArrayFiles
import Foundation
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func `a file is replaced whole and its permissions stay`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("x")
      try Data("old contents".utf8).write(to: url)
      try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: url.path)
      try AtomicFile.write(Data("new".utf8), to: url)
      #expect(try Data(contentsOf: url) == Data("new".utf8))
      let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o640)
      #expect(try names(in: folder) == ["x"])
    }
  }

  @Test func `a failure halfway leaves the old file and nothing else`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("x")
      try Data("old".utf8).write(to: url)
      let error = ArrayFileError.missingArray(name: "a", available: [])
      #expect(throws: error) {
        try AtomicFile.write(to: url) { (file) throws(ArrayFileError) in
          try file.append(Data("half of".utf8))
          throw error
        }
      }
      #expect(try Data(contentsOf: url) == Data("old".utf8))
      #expect(try names(in: folder) == ["x"])
    }
  }

  @Test func `pieces are appended in order`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("x")
      try AtomicFile.write(to: url) { (file) throws(ArrayFileError) in
        try file.append(Data("one ".utf8))
        try file.append(Data())
        try file.append(Data("two".utf8))
      }
      #expect(try Data(contentsOf: url) == Data("one two".utf8))
    }
  }

  @Test func `a folder as the target is refused and stays`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("sub", isDirectory: true)
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
      #expect(throws: ArrayFileError.unwritable(path: url.path, reason: "Is a directory")) {
        try AtomicFile.write(Data([1]), to: url)
      }
      #expect(try names(in: folder) == ["sub"])
    }
  }

  @Test func `a folder that does not exist is named`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("none/x")
      #expect(
        throws: ArrayFileError.unwritable(path: url.path, reason: "No such file or directory")
      ) { try AtomicFile.write(Data([1]), to: url) }
      let left = try names(in: folder)
      #expect(left.isEmpty)
    }
  }

  @Test func `a symbolic link stays one`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("x")
      let link = folder.appendingPathComponent("link")
      try Data("old".utf8).write(to: url)
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: url)
      try AtomicFile.write(Data("new".utf8), to: link)
      #expect(try Data(contentsOf: url) == Data("new".utf8))
      #expect(try names(in: folder) == ["link", "x"])
    }
  }

  @Test func `a name as long as a name can be is written`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent(String(repeating: "n", count: 255))
      try AtomicFile.write(Data([1]), to: url)
      #expect(try Data(contentsOf: url) == Data([1]))
    }
  }

  @Test func `what killed writers left is removed, and nothing else`() throws {
    try withTemporaryDirectory { folder in
      func make(_ name: String, age: TimeInterval) throws {
        let url = folder.appendingPathComponent(name)
        try Data("half".utf8).write(to: url)
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: url.path)
      }
      try make(".123.partial", age: 100)
      try make(".456.partial", age: 0)
      try make(".notes.partial", age: 100)
      try make("789.partial", age: 100)
      AtomicFile.removeLeftovers(in: folder)
      #expect(try names(in: folder) == [".456.partial", ".notes.partial", "789.partial"])
      AtomicFile.removeLeftovers(in: folder.appendingPathComponent("gone"))
    }
  }
}
