import Foundation

/// A JSON document as a value: what configurations are merged and compared as.
enum JSONValue: Codable, Equatable, Sendable {
  case null
  case boolean(Bool)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
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

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .boolean(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }

  /// The document on one line, as it appears in messages.
  var text: String {
    switch self {
    case .null: "null"
    case .boolean(let value): "\(value)"
    case .number(let value): value == value.rounded() ? String(format: "%.0f", value) : "\(value)"
    case .string(let value): "\"\(value)\""
    case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
    case .object(let values):
      "{" + values.keys.sorted().map { "\($0): \(values[$0]?.text ?? "")" }.joined(separator: ", ")
        + "}"
    }
  }

  /// This document with the entries of another one in place of its own, object by object.
  ///
  /// - Parameters:
  ///   - other: The entries that win; an object may have some of this one's names, and no others.
  ///   - path: The name of this document, for the error.
  /// - Returns: The merged document.
  /// - Throws: ``UnknownName`` for a name that this document has not.
  func merged(with other: JSONValue, path: String = "") throws(UnknownName) -> JSONValue {
    guard case .object(var mine) = self, case .object(let its) = other else { return other }
    for name in its.keys.sorted() {
      let place = path.isEmpty ? name : "\(path).\(name)"
      guard let old = mine[name], let new = its[name] else {
        throw UnknownName(name: place, known: mine.keys.sorted())
      }
      mine[name] = try old.merged(with: new, path: place)
    }
    return .object(mine)
  }

  /// A name that a configuration has not.
  struct UnknownName: Error {
    let name: String
    let known: [String]
  }

  /// The first entry, in the order of the names, in which two documents differ: its path and both values.
  func firstDifference(
    from other: JSONValue, path: String = ""
  ) -> (path: String, mine: JSONValue, its: JSONValue)? {
    guard case .object(let mine) = self, case .object(let its) = other else {
      return self == other ? nil : (path, self, other)
    }
    for name in Set(mine.keys).union(its.keys).sorted() {
      let place = path.isEmpty ? name : "\(path).\(name)"
      if let found = (mine[name] ?? .null).firstDifference(from: its[name] ?? .null, path: place) {
        return found
      }
    }
    return nil
  }
}
