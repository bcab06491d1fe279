import ArrayFiles
import TestSupport

/// The reference data beside these tests.
enum ReferenceData {
  private static let set = ReferenceSet(in: .module)

  /// The cases of a group whose names begin with a prefix.
  static func cases(_ group: String, _ prefix: String = "") throws -> [FixtureCase] {
    try set.cases(group, prefix)
  }

  /// The rule, with the prefix of this set.
  static var rule: FixtureRule { get throws { try set.rule } }

  /// A file of JSON.
  static func json(_ name: String) throws -> JSONValue { try set.json(name) }

  /// A file of arrays, read once.
  static func file(_ name: String) throws -> Safetensors { try set.file(name) }
}
