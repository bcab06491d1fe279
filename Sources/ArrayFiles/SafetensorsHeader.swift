/// The header of a safetensors file: a JSON object of arrays by name, and metadata.
///
/// ```
/// {"__metadata__": {"key": "value"}, "name": {"dtype": "F32", "shape": [2, 3],
///  "data_offsets": [0, 24]}}
/// ```
///
/// Read more strictly than JSON: a key that is repeated or unknown is an error, because a reader
/// that guesses would load another array than the one that was written.
struct SafetensorsHeader {
  struct Entry {
    var name: String
    var elementType: ElementType
    var shape: [Int]
    var begin: Int
    var end: Int
  }

  var entries: [Entry]
  var metadata: [String: String]

  init(entries: [Entry], metadata: [String: String]) {
    self.entries = entries
    self.metadata = metadata
  }

  /// Parses the JSON text; `scanner` stands at its first byte.
  init(_ scanner: inout HeaderScanner) throws(ArrayFileError) {
    entries = []
    var metadata: [String: String]?
    var names: Set<String> = []
    try scanner.expect("{")
    if !scanner.takes("}") {
      repeat {
        let name = try scanner.jsonString()
        guard names.insert(name).inserted else {
          throw .duplicateName(path: scanner.path, name: name)
        }
        try scanner.expect(":")
        if name == "__metadata__" {
          metadata = try SafetensorsHeader.metadata(&scanner)
        } else {
          entries.append(try SafetensorsHeader.entry(name, &scanner))
        }
      } while scanner.takes(",")
      try scanner.expect("}")
    }
    scanner.skipSpaces()
    if !scanner.isAtEnd { throw scanner.failure("text after the closing brace") }
    self.metadata = metadata ?? [:]
  }

  private static func metadata(
    _ scanner: inout HeaderScanner
  ) throws(ArrayFileError) -> [String: String] {
    var result: [String: String] = [:]
    try scanner.expect("{")
    if scanner.takes("}") { return result }
    repeat {
      let key = try scanner.jsonString()
      try scanner.expect(":")
      guard result.updateValue(try scanner.jsonString(), forKey: key) == nil else {
        throw scanner.failure("metadata key \"\(key)\" twice")
      }
    } while scanner.takes(",")
    try scanner.expect("}")
    return result
  }

  private static func entry(
    _ name: String, _ scanner: inout HeaderScanner
  ) throws(ArrayFileError) -> Entry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try scanner.expect("{")
    repeat {
      let key = try scanner.jsonString()
      try scanner.expect(":")
      switch key {
      case "dtype" where type == nil: type = try scanner.jsonString()
      case "shape" where shape == nil: shape = try scanner.jsonIntegers()
      case "data_offsets" where offsets == nil: offsets = try scanner.jsonIntegers()
      default: throw scanner.failure("key \"\(key)\" unknown or repeated")
      }
    } while scanner.takes(",")
    try scanner.expect("}")
    guard let type, let shape, let offsets, offsets.count == 2 else {
      throw scanner.failure("array \"\(name)\" lacks its dtype, shape or two data_offsets")
    }
    guard let elementType = ElementType(rawValue: type) else {
      throw .unknownElementType(path: scanner.path, array: name, type: type)
    }
    return Entry(
      name: name, elementType: elementType, shape: shape, begin: offsets[0], end: offsets[1])
  }

  /// Checks that the arrays have the sizes of their shapes and fill `available` bytes one after
  /// the other, without overlap or hole.
  func checkLayout(path: String, base: Int, available: Int) throws(ArrayFileError) {
    var expected = 0
    for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      guard let needed = StoredArray.byteCount(entry.elementType, entry.shape) else {
        throw .tooLarge(path: path, array: entry.name, shape: entry.shape)
      }
      // Offsets are nonnegative, so that the difference cannot overflow.
      guard entry.end - entry.begin == needed else {
        throw .sizeMismatch(
          path: path, array: entry.name, expected: needed, actual: entry.end - entry.begin)
      }
      guard entry.begin == expected else {
        throw .misplaced(path: path, array: entry.name, expected: expected, actual: entry.begin)
      }
      guard entry.end <= available else {
        let end = base.addingReportingOverflow(entry.end)
        throw .truncated(
          path: path, expected: end.overflow ? .max : end.partialValue, actual: base + available)
      }
      expected = entry.end
    }
    guard expected == available else {
      throw .trailingBytes(path: path, count: available - expected)
    }
  }

  /// The JSON text, padded with spaces to a multiple of eight bytes so that arrays are aligned.
  func encoded() -> [UInt8] {
    var items: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map {
        "\(HeaderScanner.jsonQuoted($0.key)):\(HeaderScanner.jsonQuoted($0.value))"
      }
      items.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    for entry in entries {
      let shape = entry.shape.map(String.init).joined(separator: ",")
      items.append(
        "\(HeaderScanner.jsonQuoted(entry.name)):{\"dtype\":\"\(entry.elementType.rawValue)\","
          + "\"shape\":[\(shape)],\"data_offsets\":[\(entry.begin),\(entry.end)]}")
    }
    var text = Array("{\(items.joined(separator: ","))}".utf8)
    while text.count % 8 != 0 { text.append(0x20) }
    return text
  }
}
