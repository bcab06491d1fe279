import Testing

/// One case of the reference data (`cases.json`).
struct FixtureCase: Decodable, Sendable, CustomTestStringConvertible {
  /// An input: in the file, or made by the rule from a name.
  struct Input: Decodable, Sendable {
    let shape: [Int]
    let dtype: String
    let stored: Bool
    let rule: String?
  }

  /// An output and how far a result may be from it.
  struct Output: Decodable, Sendable {
    struct Tolerance: Decodable, Sendable {
      /// The largest difference of an element.
      let abs: Double
      /// The largest Euclidean norm of the difference.
      let l2: Double
    }

    let shape: [Int]
    let tol: Tolerance?
    let exact: Bool?
  }

  let id: String
  let group: String
  let file: String
  let prefix: String
  let model: String?
  let attrs: [String: JSONValue]
  let inputs: [String: Input]
  let outputs: [String: Output]
  let numbers: [String: JSONValue]?
  let notes: String?

  var testDescription: String { id }

  /// The part of the id after the group.
  var name: String { String(id.dropFirst(group.count + 1)) }
}
