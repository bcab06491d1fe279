import Foundation

/// The arrays of a safetensors file by name, and its metadata.
///
/// ```
/// file = N (8 bytes, little-endian) · header (N bytes of JSON) · arrays, one after the other
/// ```
///
/// - Source: huggingface/safetensors, format 0.x.
public struct Safetensors: Sendable, Equatable {
  /// The arrays by name.
  public var arrays: [String: StoredArray]
  /// Text by key, kept with the arrays.
  public var metadata: [String: String]

  /// The longest header that is read, as in the reference implementation.
  static let maximumHeaderLength = 100_000_000

  /// A file with these contents, none unless given.
  public init(arrays: [String: StoredArray] = [:], metadata: [String: String] = [:]) {
    self.arrays = arrays
    self.metadata = metadata
  }

  /// Reads a file. It is mapped, and an array's bytes are loaded when they are first used.
  ///
  /// - Parameter url: The file.
  /// - Throws: ``ArrayFileError``: unreadable, foreign, truncated, or anything in the header that
  ///   does not describe exactly the bytes that follow it.
  public init(contentsOf url: URL) throws(ArrayFileError) {
    let file = try MappedFile.read(url)
    try self.init(file, path: url.path)
  }

  /// Reads a file's bytes.
  ///
  /// - Parameters:
  ///   - file: The bytes of the whole file.
  ///   - path: What to call the file in errors.
  /// - Throws: ``ArrayFileError``, as for a file.
  public init(_ file: Data, path: String) throws(ArrayFileError) {
    let format = "safetensors"
    guard file.count >= 8 else { throw .truncated(path: path, expected: 8, actual: file.count) }
    let length = file.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard (2...UInt64(Safetensors.maximumHeaderLength)).contains(length) else {
      throw .foreign(path: path, format: format)
    }
    if let first = file.dropFirst(8).first, first != UInt8(ascii: "{") {
      throw .foreign(path: path, format: format)
    }
    let base = 8 + Int(length)
    guard file.count >= base else {
      throw .truncated(path: path, expected: base, actual: file.count)
    }
    var scanner = HeaderScanner(
      path: path, bytes: [UInt8](file.dropFirst(8).prefix(Int(length))), base: 8)
    let header = try SafetensorsHeader(&scanner)
    try header.checkLayout(path: path, base: base, available: file.count - base)
    let data = file.dropFirst(base)
    arrays = [:]
    for entry in header.entries {
      let bytes = data.dropFirst(entry.begin).prefix(entry.end - entry.begin)
      arrays[entry.name] = StoredArray(
        elementType: entry.elementType, shape: entry.shape, bytes: bytes)
    }
    metadata = header.metadata
  }

  /// The array of a name.
  ///
  /// - Parameter name: The array's name.
  /// - Returns: The array.
  /// - Throws: ``ArrayFileError/missingArray(name:available:)``.
  public func array(named name: String) throws(ArrayFileError) -> StoredArray {
    guard let array = arrays[name] else {
      throw .missingArray(name: name, available: arrays.keys.sorted())
    }
    return array
  }

  /// Writes a file, whole or not at all.
  ///
  /// Arrays of wide elements come first, then by name, so that every array is aligned to its
  /// element size and the same contents give the same bytes.
  ///
  /// - Parameter url: The file; one that exists is replaced.
  /// - Throws: ``ArrayFileError/unwritable(path:reason:)``.
  public func write(to url: URL) throws(ArrayFileError) {
    let pieces = pieces
    try AtomicFile.write(to: url) { (file) throws(ArrayFileError) in
      for piece in pieces { try file.append(piece) }
    }
  }

  /// The bytes of a file with this content, as ``write(to:)`` writes them.
  public var data: Data { Data(pieces.joined()) }

  /// The header and the arrays in the order of the file.
  private var pieces: [Data] {
    precondition(
      arrays["__metadata__"] == nil, "Safetensors: \"__metadata__\" is not a name for an array")
    let ordered = arrays.sorted {
      ($1.value.elementType.size, $0.key) < ($0.value.elementType.size, $1.key)
    }
    var end = 0
    let entries = ordered.map { name, array in
      let begin = end
      end += array.bytes.count
      return SafetensorsHeader.Entry(
        name: name, elementType: array.elementType, shape: array.shape, begin: begin, end: end)
    }
    let header = SafetensorsHeader(entries: entries, metadata: metadata).encoded()
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    return [Data(length + header)] + ordered.map(\.value.bytes)
  }
}
