import TestSupport

/// The reference data beside these tests.
enum ReferenceData {
  static let set = ReferenceSet(in: .module)

  /// The cases of a group whose method is one of the given; without any, all.
  static func cases(_ group: String, methods: String...) throws -> [FixtureCase] {
    try set.cases(group).filter { methods.contains($0.attrs["method"]?.string ?? "") }
  }
}
