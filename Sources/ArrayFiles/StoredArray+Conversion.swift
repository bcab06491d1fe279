import Foundation

extension StoredArray {
  /// The elements as Double.
  ///
  /// Floating-point elements convert exactly, NaN to NaN; true is 1 and false 0.
  ///
  /// - Throws: ``ArrayFileError/notRepresentable(index:value:type:)`` for a 64-bit integer beyond
  ///   2⁵³ that Double would round.
  public func doubles() throws(ArrayFileError) -> [Double] {
    switch elementType {
    case .f64: return loaded(Double.self)
    case .f32: return loaded(Float.self).map { Double($0) }
    case .f16: return loaded(UInt16.self).map { Double(Float(half: $0)) }
    case .bf16: return loaded(UInt16.self).map { Double(Float(brain: $0)) }
    case .i64: return try exactDoubles(loaded(Int64.self))
    case .i32: return loaded(Int32.self).map { Double($0) }
    case .i16: return loaded(Int16.self).map { Double($0) }
    case .i8: return loaded(Int8.self).map { Double($0) }
    case .u8: return loaded(UInt8.self).map { Double($0) }
    case .bool: return loaded(UInt8.self).map { $0 == 0 ? 0 : 1 }
    }
  }

  /// The elements as Float, rounded to nearest where Float has fewer digits.
  ///
  /// - Throws: As ``doubles()``.
  public func floats() throws(ArrayFileError) -> [Float] {
    switch elementType {
    case .f32: return loaded(Float.self)
    case .f16: return loaded(UInt16.self).map { Float(half: $0) }
    case .bf16: return loaded(UInt16.self).map { Float(brain: $0) }
    default: return try doubles().map { Float($0) }
    }
  }

  /// The elements as integers.
  ///
  /// - Throws: ``ArrayFileError/notRepresentable(index:value:type:)`` for an element that is not a
  ///   whole number within Int.
  public func integers() throws(ArrayFileError) -> [Int] {
    switch elementType {
    case .i64: return loaded(Int64.self).map { Int($0) }
    case .i32: return loaded(Int32.self).map { Int($0) }
    case .i16: return loaded(Int16.self).map { Int($0) }
    case .i8: return loaded(Int8.self).map { Int($0) }
    case .u8: return loaded(UInt8.self).map { Int($0) }
    case .bool: return loaded(UInt8.self).map { $0 == 0 ? 0 : 1 }
    case .f64, .f32, .f16, .bf16:
      var result: [Int] = []
      result.reserveCapacity(count)
      for (index, value) in try doubles().enumerated() {
        guard let whole = Int(exactly: value) else {
          throw .notRepresentable(index: index, value: "\(value)", type: "Int")
        }
        result.append(whole)
      }
      return result
    }
  }

  private func exactDoubles(_ values: [Int64]) throws(ArrayFileError) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      guard let exact = Double(exactly: value) else {
        throw .notRepresentable(index: index, value: "\(value)", type: "Double")
      }
      result.append(exact)
    }
    return result
  }

  /// The bytes as elements of a type of the same size. Copies them, so alignment does not matter.
  private func loaded<Element: BitwiseCopyable>(_ type: Element.Type) -> [Element] {
    Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
      initialized = count
    }
  }
}

extension Float {
  /// The value of a binary16, exactly.
  ///
  /// ```
  /// (−1)^s · 2^(e−15) · (1 + f/1024),    e = 0: (−1)^s · 2^−24 · f,    e = 31: ±∞ or NaN
  /// ```
  init(half bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10) & 0x1f
    let fraction = UInt32(bits & 0x3ff)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      self.init(bitPattern: magnitude.bitPattern | sign)
    case 31: self.init(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default: self.init(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  /// The value of a bfloat16: the upper half of a binary32.
  init(brain bits: UInt16) {
    self.init(bitPattern: UInt32(bits) << 16)
  }
}
