/// A picture of whole numbers: one channel, rows from the top, as stored in a gray PNG file.
public struct GrayRaster: Sendable, Equatable {
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int
  /// Bits of a number: 1, 2, 4, 8 or 16.
  public let bits: Int
  /// The numbers, 0 to ``white``, row by row.
  public let samples: [UInt16]

  /// A picture from its numbers.
  ///
  /// - Parameters:
  ///   - height: Rows, at least 1.
  ///   - width: Columns, at least 1.
  ///   - bits: Bits of a number: 1, 2, 4, 8 or 16.
  ///   - samples: height · width numbers below 2^bits, row by row.
  public init(height: Int, width: Int, bits: Int = 16, samples: [UInt16]) {
    precondition(
      height > 0 && width > 0 && samples.count == height * width,
      "GrayRaster: \(height)x\(width) does not fit \(samples.count) samples")
    precondition([1, 2, 4, 8, 16].contains(bits), "GrayRaster: \(bits) bits")
    (self.height, self.width, self.bits, self.samples) = (height, width, bits, samples)
  }

  /// Numbers 0 to 65535 for the values 0 to `maximum` of a plane; values beyond get the ends.
  ///
  /// ```
  /// stored = round(65535 · min(max(value, 0), maximum) / maximum)
  /// ```
  ///
  /// - Parameters:
  ///   - plane: The values, none of them not a number.
  ///   - maximum: What 65535 stands for, above 0.
  public init(_ plane: Plane, maximum: Float) {
    precondition(maximum > 0 && maximum.isFinite, "GrayRaster: maximum \(maximum)")
    self.init(
      height: plane.height, width: plane.width,
      samples: plane.values.map { UInt16((65535 * min(max($0, 0), maximum) / maximum).rounded()) })
  }

  /// The largest number that the bits can hold.
  public var white: Int { 1 << bits - 1 }

  /// The values of a plane whose `maximum` was stored as ``white``.
  public func plane(maximum: Float) -> Plane {
    let step = maximum / Float(white)
    return Plane(height: height, width: width, values: samples.map { Float($0) * step })
  }
}
