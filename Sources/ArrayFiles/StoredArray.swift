import Foundation

/// An array as a file holds it: an element type, a shape, and the elements' bytes.
///
/// ```
/// count = Π_k shape_k,   bytes.count = count · elementType.size
/// ```
///
/// - Shapes: row-major (C order). `[]` is a scalar and has one element; a zero in the shape makes
///   an array without elements.
///
/// Bytes are little-endian. They may lie in a mapped file: reading them is what loads them.
public struct StoredArray: Sendable, Equatable {
  /// The type of every element.
  public let elementType: ElementType
  /// The extent of every axis, outermost first.
  public let shape: [Int]
  /// The elements, row-major and little-endian.
  public let bytes: Data

  /// The number of elements.
  public var count: Int { bytes.count / elementType.size }

  /// An array from its bytes.
  ///
  /// - Parameters:
  ///   - elementType: The type of every element.
  ///   - shape: The extent of every axis, none negative.
  ///   - bytes: The elements, row-major and little-endian, exactly as many as `shape` needs.
  public init(elementType: ElementType, shape: [Int], bytes: Data) {
    let needed = StoredArray.byteCount(elementType, shape)
    precondition(
      needed == bytes.count,
      "StoredArray: shape \(shape) of \(elementType.rawValue) does not fit \(bytes.count) bytes")
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
  }

  /// An array of Double, row-major in `shape`.
  public init(_ values: [Double], shape: [Int]) {
    self.init(elementType: .f64, shape: shape, bytes: StoredArray.bytes(of: values))
  }

  /// An array of Float, row-major in `shape`.
  public init(_ values: [Float], shape: [Int]) {
    self.init(elementType: .f32, shape: shape, bytes: StoredArray.bytes(of: values))
  }

  /// An array of 64-bit integers, row-major in `shape`.
  public init(_ values: [Int64], shape: [Int]) {
    self.init(elementType: .i64, shape: shape, bytes: StoredArray.bytes(of: values))
  }

  /// An array of bytes, row-major in `shape`.
  public init(_ values: [UInt8], shape: [Int]) {
    self.init(elementType: .u8, shape: shape, bytes: StoredArray.bytes(of: values))
  }

  /// The bytes that `shape` needs, or nil when an extent is negative or the product overflows.
  static func byteCount(_ type: ElementType, _ shape: [Int]) -> Int? {
    // A zero makes the product zero whatever the other extents are.
    if shape.contains(where: { $0 < 0 }) { return nil }
    if shape.contains(0) { return 0 }
    var product = type.size
    for extent in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      product = next
    }
    return product
  }

  private static func bytes<Element: BitwiseCopyable>(of values: [Element]) -> Data {
    values.withUnsafeBytes { Data($0) }
  }
}
