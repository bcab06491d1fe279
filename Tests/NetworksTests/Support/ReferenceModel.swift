import ArrayFiles
import Networks
import Testing

/// A network of the reference data (`models.json`): what it is, and the rule of its parameters.
struct ReferenceModel {
  let about: JSONValue
  private let rows: [[JSONValue]]

  /// The network of a case.
  init(of reference: FixtureCase) throws {
    let all = try ReferenceData.json("models.json")
    let name = try #require(reference.model)
    let model = try #require((all["models"] ?? all)[name], "no model \(name)")
    about = try #require(model["about"])
    rows = try #require(model["params"]?.array).map { try #require($0.array) }
  }

  /// Its parameters and buffers by name.
  func state() throws -> [String: StoredArray] {
    var state: [String: StoredArray] = [:]
    for row in rows {
      let name = try #require(row[0].string)
      let kind = try #require(row[1].string.flatMap(FixtureRule.Kind.init))
      let shape = try #require(row[2].ints)
      let elements = try ReferenceData.rule.elements(
        name, kind, count: shape.reduce(1, *), fanIn: row[3].int ?? 1, gain: row[4].double ?? 1)
      state[name] =
        kind == .numBatchesTracked
        ? StoredArray(elements.map { Int64($0) }, shape: shape)
        : StoredArray(elements, shape: shape)
    }
    return state
  }
}
