import ConvexKit
import Foundation
import TestSupport
import Testing

@testable import ArrayFiles

@Suite struct SafetensorsTests {
  /// A file from its header's text and its data.
  private func file(_ header: String, data: Int = 0) -> Data {
    let text = Array(header.utf8)
    return Data((0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text)
      + Data(count: data)
  }

  private func expect(
    _ error: ArrayFileError, from file: Data, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: sourceLocation) { try Safetensors(file, path: "f") }
  }

  /// Written by the reference implementation:
  /// `safetensors.numpy.save({"w": float32 [[1.5, -2, 3.25]], "half": float16 [1, -0.5],
  /// "labels": int64 [3, -1], "flag": [True, False, True], "scalar": float64 2.5,
  /// "none": float32 of shape (0, 4)}, metadata={"format": "pt", "note": 'größer "x"'})`.
  private let reference = """
    mAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCIsIm5vdGUiOiJncsO2w59lciBcInhcIiJ9LCJsYWJl\
    bHMiOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDE2XX0sInNjYWxhciI6eyJkdHlw\
    ZSI6IkY2NCIsInNoYXBlIjpbXSwiZGF0YV9vZmZzZXRzIjpbMTYsMjRdfSwibm9uZSI6eyJkdHlwZSI6IkYzMiIsInNo\
    YXBlIjpbMCw0XSwiZGF0YV9vZmZzZXRzIjpbMjQsMjRdfSwidyI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMSwzXSwi\
    ZGF0YV9vZmZzZXRzIjpbMjQsMzZdfSwiaGFsZiI6eyJkdHlwZSI6IkYxNiIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0\
    cyI6WzM2LDQwXX0sImZsYWciOnsiZHR5cGUiOiJCT09MIiwic2hhcGUiOlszXSwiZGF0YV9vZmZzZXRzIjpbNDAsNDNd\
    fX0DAAAAAAAAAP//////////AAAAAAAABEAAAMA/AAAAwAAAUEAAPAC4AQAB
    """

  private func referenceFile() throws -> Data { try #require(Data(base64Encoded: reference)) }

  @Test func `a file of the reference implementation is read`() throws {
    let file = try Safetensors(try referenceFile(), path: "reference")
    #expect(file.metadata == ["format": "pt", "note": "größer \"x\""])
    #expect(file.arrays.count == 6)
    #expect(try file.array(named: "w") == StoredArray([1.5, -2, 3.25] as [Float], shape: [1, 3]))
    #expect(try file.array(named: "half").doubles() == [1, -0.5])
    #expect(try file.array(named: "labels").integers() == [3, -1])
    #expect(try file.array(named: "flag").integers() == [1, 0, 1])
    #expect(try file.array(named: "scalar") == StoredArray([2.5], shape: []))
    #expect(try file.array(named: "none") == StoredArray([Float](), shape: [0, 4]))
  }

  @Test func `what is written is read back, names and metadata included`() throws {
    var file = Safetensors()
    file.arrays = [
      "a\"\\\n\u{1}/ü😀": StoredArray([1, .nan, -0.0, .infinity], shape: [2, 2]),
      "bytes": StoredArray([1, 2, 3] as [UInt8], shape: [3]),
      "none": StoredArray([Float](), shape: [0]),
      "": StoredArray([5] as [Int64], shape: []),
    ]
    file.metadata = ["key": "value \u{7}", "": "{}"]
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      try file.write(to: url)
      #expect(try Safetensors(contentsOf: url) == file)
    }
  }

  @Test func `wide elements come first and every array is aligned`() throws {
    let file = Safetensors(arrays: [
      "a": StoredArray([1] as [UInt8], shape: [1]), "b": StoredArray([2] as [Float], shape: [1]),
      "c": StoredArray([3.0], shape: [1]), "d": StoredArray([4] as [Float], shape: [1]),
    ])
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      try file.write(to: url)
      let bytes = try Data(contentsOf: url)
      let length = Int(bytes[0]) + Int(bytes[1]) << 8
      #expect((8 + length) % 8 == 0)
      let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
      let names = ["c", "b", "d", "a"].map { header.range(of: "\"\($0)\":")?.lowerBound }
      #expect(names.compactMap { $0 }.count == 4)
      #expect(names.compactMap { $0 } == names.compactMap { $0 }.sorted())
    }
  }

  @Test func `an empty set of arrays is a file`() throws {
    #expect(try Safetensors(file("{}"), path: "f") == Safetensors())
  }

  @Test func `a file cut at any length is an error`() throws {
    let whole = try referenceFile()
    for length in 0..<whole.count {
      #expect(throws: ArrayFileError.self) {
        try Safetensors(whole.prefix(length), path: "f")
      }
    }
    expect(.truncated(path: "f", expected: 8, actual: 5), from: whole.prefix(5))
    expect(.truncated(path: "f", expected: 416, actual: 415), from: whole.prefix(415))
    expect(
      .truncated(path: "f", expected: whole.count, actual: whole.count - 1),
      from: whole.dropLast())
  }

  @Test func `flipped bytes never trap`() throws {
    let whole = try referenceFile()
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<4000 {
      var bytes = [UInt8](whole)
      for _ in 0...Int(generator.next() % 3) {
        bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(generator.next() & 0xff)
      }
      guard let file = try? Safetensors(Data(bytes), path: "f") else { continue }
      for array in file.arrays.values { _ = try? array.doubles() }
    }
  }

  @Test func `a foreign file is named as one`() {
    expect(.foreign(path: "f", format: "safetensors"), from: Data("%PDF-1.7 and more".utf8))
    expect(.foreign(path: "f", format: "safetensors"), from: Data(count: 100))
    expect(
      .foreign(path: "f", format: "safetensors"),
      from: Data([4, 0, 0, 0, 0, 0, 0, 0] + Array("[{}]".utf8)))
    expect(
      .foreign(path: "f", format: "safetensors"),
      from: Data([UInt8](repeating: 0xff, count: 8) + Array("{}".utf8)))
  }

  @Test func `bytes after the last array are refused`() {
    expect(.trailingBytes(path: "f", count: 3), from: file("{}", data: 3))
  }

  @Test func `two arrays of one name are refused`() {
    let entry = #""a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}"#
    expect(.duplicateName(path: "f", name: "a"), from: file("{\(entry),\(entry)}", data: 1))
    expect(
      .duplicateName(path: "f", name: "__metadata__"),
      from: file(#"{"__metadata__":{},"__metadata__":{}}"#))
  }

  @Test func `an unknown element type is named`() {
    expect(
      .unknownElementType(path: "f", array: "a", type: "C64"),
      from: file(#"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#, data: 8))
  }

  @Test func `arrays that overlap or leave a hole are refused`() {
    func two(_ begin: Int, _ end: Int, data: Int) -> Data {
      file(
        #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
          + #""b":{"dtype":"U8","shape":[2],"data_offsets":[\#(begin),\#(end)]}}"#, data: data)
    }
    expect(.misplaced(path: "f", array: "b", expected: 4, actual: 3), from: two(3, 5, data: 5))
    expect(.misplaced(path: "f", array: "b", expected: 4, actual: 5), from: two(5, 7, data: 7))
    expect(.sizeMismatch(path: "f", array: "b", expected: 2, actual: -2), from: two(4, 2, data: 6))
    expect(.sizeMismatch(path: "f", array: "b", expected: 2, actual: 3), from: two(4, 7, data: 7))
  }

  @Test func `a shape too large for memory is refused`() {
    let shape = [Int.max, 2]
    expect(
      .tooLarge(path: "f", array: "a", shape: shape),
      from: file(#"{"a":{"dtype":"U8","shape":[\#(Int.max),2],"data_offsets":[0,1]}}"#, data: 1))
    expect(
      .truncated(path: "f", expected: .max, actual: 98),
      from: file(
        #"{"a":{"dtype":"U8","shape":[\#(Int.max)],"data_offsets":[0,\#(Int.max)]}}"#, data: 1))
  }

  @Test(arguments: [
    (#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}}"#, "expected a nonnegative integer"),
    (#"{"a":{"dtype":"U8","shape":[01],"data_offsets":[0,1]}}"#, "integer with a leading zero"),
    (#"{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,0]}}"#, "too large"),
    (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}"#, "two data_offsets"),
    (#"{"a":{"dtype":"U8","shape":[1]}}"#, "lacks its dtype"),
    (#"{"a":{"dtype":"U8","dtype":"U8"}}"#, "key \"dtype\" unknown or repeated"),
    (#"{"a":{"dtypo":"U8"}}"#, "key \"dtypo\" unknown or repeated"),
    (#"{"a":3}"#, "expected '{'"), (#"{"a" "b"}"#, "expected ':'"), (#"{"a"#, "unexpected end"),
    (#"{} x"#, "text after the closing brace"), (#"{"\q":1}"#, "unknown escape"),
    (#"{"\ud800\u0041":1}"#, "surrogate"), (#"{"\udc00":1}"#, "surrogate"),
    (#"{"\u00g0":1}"#, "hexadecimal"), ("{\"\n\":1}", "control character"),
    (#"{"__metadata__":{"a":1}}"#, "expected '\"'"),
    (#"{"__metadata__":{"a":"1","a":"2"}}"#, "metadata key \"a\" twice"),
  ]) func `a malformed header says what is wrong`(header: String, part: String) throws {
    let error = #expect(throws: ArrayFileError.self) {
      try Safetensors(file(header, data: 1), path: "f")
    }
    guard case .malformedHeader("f", _, let reason) = error else {
      Issue.record("\(String(describing: error)) is not a malformed header")
      return
    }
    #expect(reason.contains(part))
  }

  @Test func `a header that is not UTF-8 is refused where it is wrong`() {
    let text = Array("{\"".utf8) + [0xff] + Array("\":1}".utf8)
    expect(
      .malformedHeader(path: "f", offset: 12, reason: "string is not UTF-8"),
      from: Data([UInt8(text.count), 0, 0, 0, 0, 0, 0, 0] + text))
  }

  @Test func `escapes in names are decoded`() throws {
    let header = #"{"\u0061\ud83d\ude00\/\t":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}"#
    #expect(try Safetensors(file(header, data: 1), path: "f").arrays.keys.first == "a😀/\t")
  }

  @Test func `a missing array is named beside those there are`() {
    let file = Safetensors(arrays: ["b": StoredArray([1.0], shape: [1])])
    #expect(throws: ArrayFileError.missingArray(name: "a", available: ["b"])) {
      try file.array(named: "a")
    }
  }

  @Test func `what is not a regular file is unreadable`() throws {
    try withTemporaryDirectory { folder in
      let missing = folder.appendingPathComponent("none.safetensors")
      #expect(throws: ArrayFileError.unreadable(path: missing.path, reason: "no such file")) {
        try Safetensors(contentsOf: missing)
      }
      #expect(
        throws: ArrayFileError.unreadable(path: folder.path, reason: "not a regular file")
      ) { try Safetensors(contentsOf: folder) }
      #expect(
        throws: ArrayFileError.unreadable(path: "/dev/zero", reason: "not a regular file")
      ) { try Safetensors(contentsOf: URL(fileURLWithPath: "/dev/zero")) }
      let empty = folder.appendingPathComponent("empty")
      try Data().write(to: empty)
      #expect(throws: ArrayFileError.truncated(path: empty.path, expected: 8, actual: 0)) {
        try Safetensors(contentsOf: empty)
      }
    }
  }
}
