import TestSupport

/// The reference data beside these tests.
enum ReferenceData {
  static let set = ReferenceSet(in: .module)

  /// The cases of a group whose method is one of the given; without any, all.
  static func cases(_ group: String, methods: String...) throws -> [FixtureCase] {
    try set.cases(group).filter { methods.contains($0.attrs["method"]?.string ?? "") }
  }

  /// Cases that run a network dozens of times: those of the smallest network, and in release, where
  /// that takes a tenth of the time, of all.
  static func longCases(_ group: String, methods: String...) throws -> [FixtureCase] {
    let cases = try set.cases(group).filter {
      methods.contains($0.attrs["method"]?.string ?? "")
    }
    #if DEBUG
      return cases.filter { $0.model == "xai_plain" }
    #else
      return cases
    #endif
  }
}
