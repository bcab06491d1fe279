import ArrayFiles
import Foundation
import Synchronization
import TestSupport
import Testing

/// The reference data beside these tests: made with PyTorch, in double precision.
enum ReferenceData {
  private struct CaseList: Decodable {
    let name_prefix: String
    let cases: [FixtureCase]
  }

  private static let list: Result<CaseList, any Error> = Result {
    let url = try Fixture.url("cases.json", in: .module)
    return try JSONDecoder().decode(CaseList.self, from: Data(contentsOf: url))
  }

  /// The cases of a group whose names begin with a prefix; a group without cases is a fault of the
  /// tests themselves.
  static func cases(_ group: String, _ prefix: String = "") throws -> [FixtureCase] {
    let cases = try list.get().cases.filter { $0.group == group && $0.name.hasPrefix(prefix) }
    try #require(!cases.isEmpty, "no cases \(group)/\(prefix)*")
    return cases
  }

  /// The rule, with the prefix of this set.
  static var rule: FixtureRule {
    get throws { FixtureRule(prefix: try list.get().name_prefix) }
  }

  /// A file of JSON.
  static func json(_ name: String) throws -> JSONValue {
    let data = try Data(contentsOf: Fixture.url(name, in: .module))
    return try JSONDecoder().decode(JSONValue.self, from: data)
  }

  private static let files = Mutex<[String: Safetensors]>([:])

  /// A file of arrays, read once.
  static func file(_ name: String) throws -> Safetensors {
    let url = try Fixture.url(name, in: .module)
    return try files.withLock { files in
      if let file = files[name] { return file }
      let file = try Safetensors(contentsOf: url)
      files[name] = file
      return file
    }
  }
}
