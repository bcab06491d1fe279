import Foundation

/// Any JSON, for the attributes and numbers of a reference case.
public enum JSONValue: Decodable, Sendable, Equatable {
  /// Nothing.
  case null
  /// A truth value.
  case bool(Bool)
  /// A number.
  case number(Double)
  /// A string.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object.
  case object([String: JSONValue])

  /// Any JSON.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// The value of a key of an object.
  public subscript(key: String) -> JSONValue? {
    if case .object(let object) = self { object[key] } else { nil }
  }

  /// The value of a truth value.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The value of a number.
  public var double: Double? { if case .number(let value) = self { value } else { nil } }
  /// The value of a whole number.
  public var int: Int? { double.flatMap { Int(exactly: $0) } }
  /// The characters of a string.
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  /// The elements of an array.
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  /// The members of an object.
  public var object: [String: JSONValue]? {
    if case .object(let value) = self { value } else { nil }
  }
  /// The numbers of an array.
  public var doubles: [Double]? { array?.compactMap(\.double) }
  /// The whole numbers of an array.
  public var ints: [Int]? { array?.compactMap(\.int) }
}
