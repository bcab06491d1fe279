import ArrayFiles
import Networks
import Testing

/// A network of the reference data (`models.json`): what it is, and the rule of its parameters.
public struct ReferenceModel {
  /// What the network is.
  public let about: JSONValue
  private let rows: [[JSONValue]]
  private let rule: FixtureRule
  private let name: String
  private let set: ReferenceSet

  /// The network of a case.
  public init(of reference: FixtureCase) throws {
    set = try reference.referenceSet()
    let all = try set.json("models.json")
    name = try #require(reference.model)
    let model = try #require((all["models"] ?? all)[name], "no model \(name)")
    rule = try set.rule
    about = try #require(model["about"])
    rows = try #require(model["params"]?.array).map { try #require($0.array) }
  }

  /// Its parameters and buffers by name.
  public func state() throws -> [String: StoredArray] {
    try set.state(name, made)
  }

  private func made() throws -> [String: StoredArray] {
    var state: [String: StoredArray] = [:]
    for row in rows {
      let name = try #require(row[0].string)
      let kind = try #require(row[1].string.flatMap(FixtureRule.Kind.init))
      let shape = try #require(row[2].ints)
      let elements = rule.elements(
        name, kind, count: shape.reduce(1, *), fanIn: row[3].int ?? 1, gain: row[4].double ?? 1)
      state[name] =
        kind == .numBatchesTracked
        ? StoredArray(elements.map { Int64($0) }, shape: shape)
        : StoredArray(elements, shape: shape)
    }
    return state
  }
}
