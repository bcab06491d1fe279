import ArrayFiles
import Foundation
import Testing

/// A cone program of the reference data, which lie beside the tests of ConvexKit.
struct ConeFile: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let file: String
  let tags: [String]
  let status: String
  let accept: [String]?
  let optimum: Double?
  let rtol: Double?

  var testDescription: String { name }

  private struct Index: Decodable { let programs: [ConeFile] }

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("ConvexKitTests/Fixtures/cone")

  /// Every program but the large ones, which are for benchmarks.
  static let all: [ConeFile] = {
    do {
      let data = try Data(contentsOf: folder.appendingPathComponent("cases.json"))
      return try JSONDecoder().decode(Index.self, from: data).programs
        .filter { !$0.tags.contains("mid") }
    } catch {
      preconditionFailure("cases.json: \(error)")
    }
  }()

  static func named(_ name: String) throws -> ConeFile {
    try #require(all.first { $0.name == name })
  }

  var url: URL { Self.folder.appendingPathComponent(file) }
}
