import Testing

/// One case of the reference data (`cases.json`).
public struct FixtureCase: Decodable, Sendable, CustomTestStringConvertible {
  /// An input: in the file, or made by the rule from a name.
  public struct Input: Decodable, Sendable {
    /// The extents.
    public let shape: [Int]
    /// The type of the elements.
    public let dtype: String
    /// Whether the file has it.
    public let stored: Bool
    /// The name that the rule makes it from.
    public let rule: String?
  }

  /// An output and how far a result may be from it.
  public struct Output: Decodable, Sendable {
    /// How far a result may be off.
    public struct Tolerance: Decodable, Sendable {
      /// The largest difference of an element.
      public let abs: Double
      /// The largest Euclidean norm of the difference.
      public let l2: Double
    }

    /// The extents.
    public let shape: [Int]
    /// The tolerance; nil for integers.
    public let tol: Tolerance?
    /// Whether it must be the same to the bit.
    public let exact: Bool?
  }

  /// Group and name.
  public let id: String
  /// The group.
  public let group: String
  /// The file of its arrays.
  public let file: String
  /// What its arrays' names begin with.
  public let prefix: String
  /// The network it runs.
  public let model: String?
  /// Hyper-parameters.
  public let attrs: [String: JSONValue]
  /// Inputs by name.
  public let inputs: [String: Input]
  /// Outputs by name.
  public let outputs: [String: Output]
  /// Results that are single numbers.
  public let numbers: [String: JSONValue]?
  /// What to know.
  public let notes: String?

  /// What the case is called in reports of tests.
  public var testDescription: String { id }

  /// The part of the id after the group.
  public var name: String { String(id.dropFirst(group.count + 1)) }

  /// Where the arrays are; set by the set that lists the case.
  private var set: ReferenceSet?

  private enum CodingKeys: String, CodingKey {
    case id, group, file, prefix, model, attrs, inputs, outputs, numbers, notes
  }

  /// This case as one of a set.
  func found(in set: ReferenceSet) -> FixtureCase {
    var found = self
    found.set = set
    return found
  }

  /// The set that lists this case.
  public func referenceSet() throws -> ReferenceSet {
    try #require(set, "\(id) is in no set")
  }
}
