/// A vector of three numbers.
typealias Triple = SIMD3<Double>

extension SIMD3 where Scalar == Double {
  /// xᵀy.
  func dot(_ other: Triple) -> Double {
    self[0] * other[0] + self[1] * other[1] + self[2] * other[2]
  }

  /// x × y.
  func cross(_ other: Triple) -> Triple {
    Triple(
      self[1] * other[2] - self[2] * other[1], self[2] * other[0] - self[0] * other[2],
      self[0] * other[1] - self[1] * other[0])
  }

  /// The vector with 1 in place of the elements whose weight is 0.
  func orOne(where weights: Triple) -> Triple {
    Triple(
      weights[0] == 0 ? 1 : self[0], weights[1] == 0 ? 1 : self[1], weights[2] == 0 ? 1 : self[2])
  }
}

extension UnsafeMutablePointer<Double> {
  /// The three numbers from `row` on.
  func triple(at row: Int) -> Triple { Triple(self[row], self[row + 1], self[row + 2]) }

  /// Writes three numbers from `row` on.
  func store(_ triple: Triple, at row: Int) {
    self[row] = triple[0]
    self[row + 1] = triple[1]
    self[row + 2] = triple[2]
  }
}
