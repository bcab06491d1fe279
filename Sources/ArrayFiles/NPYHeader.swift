/// The header of a `.npy` file: a Python dictionary of three known keys.
///
/// ```
/// {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }
/// ```
struct NPYHeader {
  var elementType: ElementType
  var isBigEndian: Bool
  var isFortranOrder: Bool
  var shape: [Int]

  private static let codes: [(code: String, type: ElementType)] = [
    ("f8", .f64), ("f4", .f32), ("f2", .f16), ("i8", .i64), ("i4", .i32), ("i2", .i16),
    ("i1", .i8), ("u1", .u8), ("b1", .bool),
  ]

  /// How NumPy writes an element type, little-endian; nil if it has none.
  static func description(of type: ElementType) -> String? {
    guard let code = codes.first(where: { $0.type == type })?.code else { return nil }
    return (type.size == 1 ? "|" : "<") + code
  }

  /// Parses the text; `scanner` stands at its first byte.
  init(_ scanner: inout HeaderScanner) throws(ArrayFileError) {
    var description: String?
    var order: Bool?
    var shape: [Int]?
    try scanner.expect("{")
    while !scanner.takes("}") {
      let key = try NPYHeader.string(&scanner)
      try scanner.expect(":")
      switch key {
      case "descr" where description == nil: description = try NPYHeader.string(&scanner)
      case "fortran_order" where order == nil: order = try NPYHeader.boolean(&scanner)
      case "shape" where shape == nil: shape = try NPYHeader.tuple(&scanner)
      default: throw scanner.failure("key '\(key)' unknown or repeated")
      }
      if !scanner.takes(",") {
        try scanner.expect("}")
        break
      }
    }
    scanner.skipSpaces()
    if !scanner.isAtEnd { throw scanner.failure("text after the closing brace") }
    guard let description, let order, let shape else {
      throw scanner.failure("descr, fortran_order or shape is missing")
    }
    guard let mark = description.first, "<>|=".contains(mark),
      let known = NPYHeader.codes.first(where: { $0.code == description.dropFirst() }),
      mark != "|" || known.type.size == 1
    else {
      throw .unknownElementType(path: scanner.path, array: "", type: description)
    }
    elementType = known.type
    isBigEndian = mark == ">"
    isFortranOrder = order
    self.shape = shape
  }

  /// A Python string without escapes.
  private static func string(_ scanner: inout HeaderScanner) throws(ArrayFileError) -> String {
    let quote: UInt8 = scanner.takes("'") ? UInt8(ascii: "'") : UInt8(ascii: "\"")
    if quote == UInt8(ascii: "\"") {
      guard scanner.takes("\"") else {
        // A structured element type is a list here.
        throw scanner.failure("expected a string")
      }
    }
    var text: [UInt8] = []
    while true {
      let byte = try scanner.take()
      if byte == quote { break }
      guard (0x20..<0x7f).contains(byte), byte != UInt8(ascii: "\\") else {
        throw scanner.failure("unexpected character in a string")
      }
      text.append(byte)
    }
    return String(decoding: text, as: UTF8.self)
  }

  private static func boolean(_ scanner: inout HeaderScanner) throws(ArrayFileError) -> Bool {
    if scanner.takes(word: "True") { return true }
    if scanner.takes(word: "False") { return false }
    throw scanner.failure("expected True or False")
  }

  /// A Python tuple of nonnegative integers: `()`, `(3,)`, `(3, 4)`.
  private static func tuple(_ scanner: inout HeaderScanner) throws(ArrayFileError) -> [Int] {
    var values: [Int] = []
    try scanner.expect("(")
    while !scanner.takes(")") {
      values.append(try scanner.integer())
      if !scanner.takes(",") {
        try scanner.expect(")")
        if values.count == 1 { throw scanner.failure("expected ',' after the only extent") }
        break
      }
    }
    return values
  }
}
