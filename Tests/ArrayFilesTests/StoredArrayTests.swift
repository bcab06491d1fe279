import Foundation
import Testing

@testable import ArrayFiles

@Suite struct StoredArrayTests {
  @Test func `every element type converts to double, float and integer`() throws {
    let cases: [(ElementType, [UInt8], Double)] = [
      (.f64, [0, 0, 0, 0, 0, 0, 0x45, 0x40], 42), (.f32, [0, 0, 0x28, 0x42], 42),
      (.f16, [0x40, 0x51], 42), (.bf16, [0x28, 0x42], 42),
      (.i64, [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], -2),
      (.i32, [0xfe, 0xff, 0xff, 0xff], -2), (.i16, [0xfe, 0xff], -2), (.i8, [0xfe], -2),
      (.u8, [0xfe], 254), (.bool, [7], 1), (.bool, [0], 0),
    ]
    for (type, bytes, value) in cases {
      let array = StoredArray(elementType: type, shape: [], bytes: Data(bytes))
      #expect(array.count == 1)
      #expect(try array.doubles() == [value])
      #expect(try array.floats() == [Float(value)])
      #expect(try array.integers() == [Int(value)])
    }
  }

  @Test func `every half converts to the float of its definition`() throws {
    for bits in UInt16.min ... .max {
      let exponent = Int(bits >> 10 & 31)
      let fraction = Double(bits & 1023)
      let sign: Double = bits >> 15 == 1 ? -1 : 1
      let value = Float(half: bits)
      switch exponent {
      case 31 where fraction == 0: #expect(value == Float(sign) * .infinity)
      case 31: #expect(value.isNaN)
      case 0: #expect(value == Float(sign * fraction * 0x1p-24))
      default:
        let power = Double(sign: .plus, exponent: exponent - 15, significand: 1)
        #expect(value == Float(sign * power * (1 + fraction / 1024)))
      }
      #expect(value.isNaN || (value.sign == .minus) == (bits >> 15 == 1))
    }
  }

  @Test func `a bfloat16 is the upper half of a float`() {
    for value: Float in [0, -0.0, 1, -2.5, .infinity, 0x1p-130, 0x1p127] {
      #expect(Float(brain: UInt16(value.bitPattern >> 16)).bitPattern == value.bitPattern)
    }
    #expect(Float(brain: 0x7fc0).isNaN)
  }

  @Test func `an integer that double would round is refused by index and value`() {
    let array = StoredArray([1, 1 << 53 + 1] as [Int64], shape: [2])
    #expect(
      throws: ArrayFileError.notRepresentable(
        index: 1, value: "9007199254740993", type: "Double")
    ) {
      try array.doubles()
    }
  }

  @Test func `numbers that are not whole or not within Int are refused as integers`() {
    for (value, name) in [
      (0.5, "0.5"), (.infinity, "inf"), (.nan, "nan"), (0x1p63, "9.223372036854776e+18"),
    ] {
      #expect(throws: ArrayFileError.notRepresentable(index: 1, value: name, type: "Int")) {
        try StoredArray([3, value], shape: [2]).integers()
      }
    }
  }

  @Test func `arrays without elements and scalars keep their shapes`() throws {
    let none = StoredArray([Double](), shape: [3, 0, 2])
    #expect(none.count == 0)
    #expect(try none.floats() == [])
    #expect(try StoredArray([2.5], shape: []).doubles() == [2.5])
  }

  @Test func `a shape whose size overflows has no byte count`() {
    #expect(StoredArray.byteCount(.f64, [.max, 2]) == nil)
    #expect(StoredArray.byteCount(.u8, [-1]) == nil)
    #expect(StoredArray.byteCount(.u8, [.max, 0, .max]) == 0)
  }
}
