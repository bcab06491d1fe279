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
  private let documents = Mutex<[String: JSONValue]>([:])
  private let states = Mutex<[String: [String: StoredArray]]>([:])

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

  /// A file of JSON, read once.
  public func json(_ name: String) throws -> JSONValue {
    let url = try Fixture.url(name, in: bundle)
    return try documents.withLock { documents in
      if let document = documents[name] { return document }
      let document = try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: url))
      documents[name] = document
      return document
    }
  }

  /// The parameters and buffers of a network, made once.
  func state(
    _ model: String, _ make: () throws -> [String: StoredArray]
  ) throws -> [String: StoredArray] {
    if let known = states.withLock({ $0[model] }) { return known }
    let state = try make()
    states.withLock { $0[model] = state }
    return state
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
