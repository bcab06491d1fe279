/// Reads the tokens of a text header, one byte at a time, and says where one is wrong.
struct HeaderScanner {
  let path: String
  let bytes: [UInt8]
  /// Where in the file the header begins, for messages.
  let base: Int
  private(set) var position = 0

  init(path: String, bytes: [UInt8], base: Int) {
    self.path = path
    self.bytes = bytes
    self.base = base
  }

  var isAtEnd: Bool { position == bytes.count }

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  func failure(_ reason: String) -> ArrayFileError {
    .malformedHeader(path: path, offset: base + position, reason: reason)
  }

  /// The next byte, whatever it is.
  mutating func take() throws(ArrayFileError) -> UInt8 {
    guard let byte = next else { throw failure("unexpected end of the header") }
    position += 1
    return byte
  }

  mutating func skipSpaces() {
    while let byte = next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { position += 1 }
  }

  /// Skips spaces, then takes `character` if it is next.
  mutating func takes(_ character: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard let byte = next, byte == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ character: Unicode.Scalar) throws(ArrayFileError) {
    guard takes(character) else { throw failure("expected '\(character)'") }
  }

  /// Takes `word` if the bytes that follow spell it.
  mutating func takes(word: String) -> Bool {
    skipSpaces()
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  /// A nonnegative decimal integer without leading zeros.
  mutating func integer() throws(ArrayFileError) -> Int {
    skipSpaces()
    let start = position
    var value = 0
    while let byte = next, (0x30...0x39).contains(byte) {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(Int(byte - 0x30))
      if overflow || carry { throw failure("integer too large") }
      value = sum
      position += 1
    }
    if position == start { throw failure("expected a nonnegative integer") }
    if position - start > 1, bytes[start] == 0x30 { throw failure("integer with a leading zero") }
    return value
  }
}
