extension UnsafeMutablePointer<Double> {
  /// xᵀy of `count` numbers here and there, as four sums side by side that are added in the end: one sum
  /// would wait for itself.
  func dot(_ other: UnsafeMutablePointer<Double>, count: Int) -> Double {
    var sums = SIMD4<Double>.zero
    var i = 0
    while i + 4 <= count {
      let (x, y) = (self + i, other + i)
      sums += SIMD4(x[0], x[1], x[2], x[3]) * SIMD4(y[0], y[1], y[2], y[3])
      i += 4
    }
    var sum = (sums[0] + sums[1]) + (sums[2] + sums[3])
    while i < count {
      sum += self[i] * other[i]
      i += 1
    }
    return sum
  }
}
