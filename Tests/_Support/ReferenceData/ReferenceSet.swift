import ArrayFiles
import Foundation
import Synchronization
import Testing

/// The reference data beside a target's tests: made with PyTorch, in double precision.
public final class ReferenceSet: Sendable {
  private struct CaseList: Decodable {
    let name_prefix: String
    let cases: [FixtureCase]
  }

  private let bundle: Bundle
  private let list: Result<CaseList, any Error>
  private let files = Mutex<[String: Safetensors]>([:])

  /// The set in the fixtures of a target.
  ///
  /// - Parameter bundle: The resources of the test target: `.module`.
  public init(in bundle: Bundle) {
    self.bundle = bundle
    list = Result {
      let url = try Fixture.url("cases.json", in: bundle)
      return try JSONDecoder().decode(CaseList.self, from: Data(contentsOf: url))
    }
  }

  /// The cases of a group whose names begin with a prefix; a group without cases is a fault of the
  /// tests themselves.
  public func cases(_ group: String, _ prefix: String = "") throws -> [FixtureCase] {
    let cases = try list.get().cases.filter { $0.group == group && $0.name.hasPrefix(prefix) }
    try #require(!cases.isEmpty, "no cases \(group)/\(prefix)*")
    return cases.map { $0.found(in: self) }
  }

  /// The rule, with the prefix of this set.
  public var rule: FixtureRule {
    get throws { FixtureRule(prefix: try list.get().name_prefix) }
  }

  /// A file of JSON.
  public func json(_ name: String) throws -> JSONValue {
    let data = try Data(contentsOf: Fixture.url(name, in: bundle))
    return try JSONDecoder().decode(JSONValue.self, from: data)
  }

  /// A file of arrays, read once.
  public func file(_ name: String) throws -> Safetensors {
    let url = try Fixture.url(name, in: bundle)
    return try files.withLock { files in
      if let file = files[name] { return file }
      let file = try Safetensors(contentsOf: url)
      files[name] = file
      return file
    }
  }
}
