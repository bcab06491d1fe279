import Foundation

/// NumPy's `.npy` files: one array each.
///
/// Reads format versions 1 to 3, C and Fortran order, either byte order, elements `f2 f4 f8 i1 i2
/// i4 i8 u1 b1`. Writes version 1 in C order, little-endian.
///
/// - Source: numpy.lib.format, NEP 1.
public enum NPY {
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads a file.
  ///
  /// - Parameter url: The file.
  /// - Returns: The array, in C order and little-endian whatever the file has.
  /// - Throws: ``ArrayFileError``: unreadable, foreign, truncated, malformed, or with elements that
  ///   are not numbers this package reads.
  public static func read(_ url: URL) throws(ArrayFileError) -> StoredArray {
    try read(try MappedFile.read(url), path: url.path)
  }

  /// Reads a file's bytes.
  ///
  /// - Parameters:
  ///   - file: The bytes of the whole file.
  ///   - path: What to call the file in errors.
  /// - Returns: The array, in C order and little-endian.
  /// - Throws: ``ArrayFileError``, as for a file.
  public static func read(_ file: Data, path: String) throws(ArrayFileError) -> StoredArray {
    let (start, length) = try preamble(file, path: path)
    var scanner = HeaderScanner(
      path: path, bytes: [UInt8](file.dropFirst(start).prefix(length)), base: start)
    let header = try NPYHeader(&scanner)
    let base = start + length
    guard let needed = StoredArray.byteCount(header.elementType, header.shape) else {
      throw .tooLarge(path: path, array: "", shape: header.shape)
    }
    let available = file.count - base
    guard available >= needed else {
      let end = base.addingReportingOverflow(needed)
      throw .truncated(
        path: path, expected: end.overflow ? .max : end.partialValue, actual: file.count)
    }
    guard available == needed else {
      throw .trailingBytes(path: path, count: available - needed)
    }
    var bytes = file.dropFirst(base)
    let size = header.elementType.size
    if header.isBigEndian && size > 1 { bytes = swapped(bytes, size: size) }
    if header.isFortranOrder && header.shape.count > 1 && needed > 0 {
      bytes = rowMajor(bytes, shape: header.shape, size: size)
    }
    return StoredArray(elementType: header.elementType, shape: header.shape, bytes: bytes)
  }

  /// Writes a file, whole or not at all.
  ///
  /// - Parameters:
  ///   - array: The array; any element type but bfloat16, which NumPy does not have.
  ///   - url: The file; one that exists is replaced.
  /// - Throws: ``ArrayFileError/unsupportedElementType(path:type:)``,
  ///   ``ArrayFileError/unwritable(path:reason:)``.
  public static func write(_ array: StoredArray, to url: URL) throws(ArrayFileError) {
    guard let description = NPYHeader.description(of: array.elementType) else {
      throw .unsupportedElementType(path: url.path, type: array.elementType)
    }
    var shape = array.shape.map(String.init).joined(separator: ", ")
    if array.shape.count == 1 { shape += "," }
    var text = "{'descr': '\(description)', 'fortran_order': False, 'shape': (\(shape)), }"
    // Magic, version and length are ten bytes; the array begins at a multiple of 64.
    while (10 + text.utf8.count + 1) % 64 != 0 { text += " " }
    text += "\n"
    let length = text.utf8.count
    precondition(length <= 0xffff, "NPY: shape \(array.shape) has too many axes for a file")
    let preamble = magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(text.utf8)
    try AtomicFile.write(to: url) { (file) throws(ArrayFileError) in
      try file.append(Data(preamble))
      try file.append(array.bytes)
    }
  }

  /// Where the header's text begins, and how long it is.
  private static func preamble(
    _ file: Data, path: String
  ) throws(ArrayFileError) -> (start: Int, length: Int) {
    let bytes = [UInt8](file.prefix(12))
    guard bytes.starts(with: magic) || (magic.starts(with: bytes)) else {
      throw .foreign(path: path, format: "NumPy .npy")
    }
    guard bytes.count >= 8 else { throw .truncated(path: path, expected: 10, actual: bytes.count) }
    guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
      throw .malformedHeader(
        path: path, offset: 6, reason: "unknown format version \(bytes[6]).\(bytes[7])")
    }
    let start = bytes[6] == 1 ? 10 : 12
    guard bytes.count >= start else {
      throw .truncated(path: path, expected: start, actual: bytes.count)
    }
    let length = bytes[8..<start].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard file.count - start >= length else {
      throw .truncated(path: path, expected: start + length, actual: file.count)
    }
    return (start, length)
  }

  /// The same elements in the other byte order.
  private static func swapped(_ bytes: Data, size: Int) -> Data {
    var result = [UInt8](bytes)
    for first in stride(from: 0, to: result.count, by: size) {
      result[first..<first + size].reverse()
    }
    return Data(result)
  }

  /// Column-major elements (first axis fastest) in row-major order (last axis fastest).
  private static func rowMajor(_ bytes: Data, shape: [Int], size: Int) -> Data {
    let source = [UInt8](bytes)
    var result: [UInt8] = []
    result.reserveCapacity(source.count)
    var strides: [Int] = []
    var stride = size
    for extent in shape {
      strides.append(stride)
      stride *= extent
    }
    var index = [Int](repeating: 0, count: shape.count)
    var from = 0
    while result.count < source.count {
      result += source[from..<from + size]
      // Count up like an odometer, last axis fastest.
      for axis in shape.indices.reversed() {
        index[axis] += 1
        from += strides[axis]
        if index[axis] < shape[axis] { break }
        from -= index[axis] * strides[axis]
        index[axis] = 0
      }
    }
    return Data(result)
  }
}
