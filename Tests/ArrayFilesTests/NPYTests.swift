import ConvexKit
import Foundation
import TestSupport
import Testing

@testable import ArrayFiles

@Suite struct NPYTests {
  private func file(_ header: String, version: UInt8 = 1, data: [UInt8]) -> Data {
    let text = Array(header.utf8)
    let length = [UInt8(text.count & 255), UInt8(text.count >> 8)] + (version == 1 ? [] : [0, 0])
    return Data([0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + data)
  }

  private func header(_ type: String, _ shape: String, order: String = "False") -> String {
    "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n"
  }

  private func expect(
    _ error: ArrayFileError, from file: Data, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: sourceLocation) { try NPY.read(file, path: "f") }
  }

  /// Written by `numpy.lib.format.write_array`: version 1, `np.asfortranarray(np.arange(6,
  /// dtype='>i2').reshape(2, 3))`; version 2, `np.arange(4.0).reshape(2, 2) / 2`; version 3,
  /// `np.array(7, dtype='u1')`.
  private let references = [
    """
    k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0g\
    ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAADAAEABAAC\
    AAU=
    """,
    """
    k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwgMiks\
    IH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAA\
    AAAAAOA/AAAAAAAA8D8AAAAAAAD4Pw==
    """,
    """
    k05VTVBZAwB0AAAAeydkZXNjcic6ICd8dTEnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoKSwgfSAg\
    ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoH
    """,
  ]

  private func referenceFiles() throws -> [Data] {
    try references.map { try #require(Data(base64Encoded: $0)) }
  }

  @Test func `files of NumPy in versions 1, 2 and 3 are read`() throws {
    let arrays = try referenceFiles().map { try NPY.read($0, path: "reference") }
    #expect(arrays[0].shape == [2, 3])
    #expect(try arrays[0].integers() == [0, 1, 2, 3, 4, 5])
    #expect(arrays[1] == StoredArray([0, 0.5, 1, 1.5], shape: [2, 2]))
    #expect(arrays[2] == StoredArray([7] as [UInt8], shape: []))
  }

  @Test func `Fortran order of three axes becomes C order`() throws {
    // Element (i, j, k) has the value 12 i + 4 j + k and lies at i + 2 j + 6 k.
    var data = [UInt8](repeating: 0, count: 24)
    for i in 0..<2 {
      for j in 0..<3 { for k in 0..<4 { data[i + 2 * j + 6 * k] = UInt8(12 * i + 4 * j + k) } }
    }
    let array = try NPY.read(
      file(header("|u1", "(2, 3, 4)", order: "True"), data: data), path: "f")
    #expect(try array.integers() == Array(0..<24))
  }

  @Test(arguments: [
    ("f8", 8), ("f4", 4), ("f2", 2), ("i8", 8), ("i4", 4), ("i2", 2), ("i1", 1), ("u1", 1),
    ("b1", 1),
  ]) func `both byte orders give the same array`(code: String, size: Int) throws {
    let little: [UInt8] = (0..<UInt8(size)).map { $0 + 1 }
    let one = try NPY.read(file(header("<\(code)", "(1,)"), data: little), path: "f")
    let other = try NPY.read(
      file(header(">\(code)", "(1,)"), version: 2, data: little.reversed()), path: "f")
    #expect(one == other)
    #expect(one.elementType.size == size)
    #expect([UInt8](one.bytes) == little)
  }

  @Test func `what is written is read back in every element type`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("x.npy")
      for type in ElementType.allCases where type != .bf16 {
        for shape in [[], [3], [2, 0], [2, 1, 3]] {
          let count = shape.reduce(type.size, *)
          let array = StoredArray(
            elementType: type, shape: shape, bytes: Data((0..<count).map { UInt8($0) }))
          try NPY.write(array, to: url)
          #expect(try NPY.read(url) == array)
          #expect((try Data(contentsOf: url).count - count) % 64 == 0)
        }
      }
      let brain = StoredArray(elementType: .bf16, shape: [1], bytes: Data([0, 0]))
      #expect(throws: ArrayFileError.unsupportedElementType(path: url.path, type: .bf16)) {
        try NPY.write(brain, to: url)
      }
    }
  }

  @Test func `a file cut at any length is an error`() throws {
    for whole in try referenceFiles() {
      for length in 0..<whole.count {
        #expect(throws: ArrayFileError.self) { try NPY.read(whole.prefix(length), path: "f") }
      }
      expect(
        .truncated(path: "f", expected: whole.count, actual: whole.count - 1),
        from: whole.dropLast())
      expect(.trailingBytes(path: "f", count: 2), from: whole + Data([1, 2]))
    }
  }

  @Test func `flipped bytes never trap`() throws {
    var generator = SeededGenerator(seed: 11)
    for whole in try referenceFiles() {
      for _ in 0..<2000 {
        var bytes = [UInt8](whole)
        for _ in 0...Int.random(in: 0..<3, using: &generator) {
          let index = Int.random(in: bytes.indices, using: &generator)
          bytes[index] = .random(in: 0...255, using: &generator)
        }
        _ = try? NPY.read(Data(bytes), path: "f").doubles()
      }
    }
  }

  @Test func `an empty array of absurd extents is empty`() throws {
    let shape = "(\(Int.max), 0, \(Int.max))"
    let array = try NPY.read(file(header("<f8", shape, order: "True"), data: []), path: "f")
    #expect(array.count == 0)
  }

  @Test func `other element types are refused by name`() {
    for type in ["<c16", "<u2", "<U3", "|O", "|f8", "f8", ""] {
      expect(
        .unknownElementType(path: "f", array: "", type: type),
        from: file(header(type, "(1,)"), data: [0]))
    }
  }

  @Test func `foreign files and unknown versions are refused`() {
    expect(.foreign(path: "f", format: "NumPy .npy"), from: Data("PK\u{3}\u{4}archive".utf8))
    expect(
      .malformedHeader(path: "f", offset: 6, reason: "unknown format version 4.0"),
      from: file(header("<f8", "()"), version: 4, data: []))
    expect(
      .tooLarge(path: "f", array: "", shape: [.max, 2]),
      from: file(header("<f8", "(\(Int.max), 2)"), data: []))
  }

  @Test(arguments: [
    ("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': ()}", "expected a string"),
    ("{'descr': '<f8', 'fortran_order': 0, 'shape': ()}", "expected True or False"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (3)}", "expected ','"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (-3,)}", "nonnegative integer"),
    ("{'descr': '<f8', 'fortran_order': False}", "is missing"),
    ("{'descr': '<f8', 'descr': '<f8'}", "unknown or repeated"),
    ("{'other': '<f8'}", "unknown or repeated"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': ()} x", "text after"),
    ("{'descr", "unexpected end"), ("[1]", "expected '{'"),
    ("{'descr': '<f\\x38'}", "unexpected character"),
  ]) func `a malformed header says what is wrong`(header: String, part: String) throws {
    let error = #expect(throws: ArrayFileError.self) {
      try NPY.read(file(header, data: []), path: "f")
    }
    guard case .malformedHeader("f", _, let reason) = error else {
      Issue.record("\(String(describing: error)) is not a malformed header")
      return
    }
    #expect(reason.contains(part))
  }
}
