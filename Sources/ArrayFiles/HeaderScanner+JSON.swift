extension HeaderScanner {
  /// A JSON string (RFC 8259), escapes decoded.
  mutating func jsonString() throws(ArrayFileError) -> String {
    try expect("\"")
    var utf8: [UInt8] = []
    while true {
      let byte = try take()
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: utf8, as: UTF8.self) else {
          throw failure("string is not UTF-8")
        }
        return string
      case UInt8(ascii: "\\"): utf8 += Array(String(try jsonEscape()).utf8)
      case 0..<0x20: throw failure("control character in a string")
      default: utf8.append(byte)
      }
    }
  }

  /// What follows a backslash.
  private mutating func jsonEscape() throws(ArrayFileError) -> Unicode.Scalar {
    switch try take() {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try jsonCodePoint()
    default: throw failure("unknown escape in a string")
    }
  }

  /// The four digits after `\u`, and the second half of a surrogate pair.
  private mutating func jsonCodePoint() throws(ArrayFileError) -> Unicode.Scalar {
    var code = try hexadecimal4()
    if (0xd800..<0xdc00).contains(code) {
      guard try take() == UInt8(ascii: "\\"), try take() == UInt8(ascii: "u") else {
        throw failure("half a surrogate pair in a string")
      }
      let low = try hexadecimal4()
      guard (0xdc00..<0xe000).contains(low) else {
        throw failure("half a surrogate pair in a string")
      }
      code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw failure("half a surrogate pair in a string")
    }
    return scalar
  }

  private mutating func hexadecimal4() throws(ArrayFileError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      let byte = try take()
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw failure("expected a hexadecimal digit")
      }
      code = code << 4 | UInt32(digit)
    }
    return code
  }

  /// A JSON array of nonnegative integers.
  mutating func jsonIntegers() throws(ArrayFileError) -> [Int] {
    try expect("[")
    if takes("]") { return [] }
    var values: [Int] = []
    repeat { values.append(try integer()) } while takes(",")
    try expect("]")
    return values
  }

  /// `text` as a JSON string.
  static func jsonQuoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
