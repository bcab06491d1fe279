import RealModule

/// One pair of maps as the caller stores them.
package struct Sample<Scalar: ProjectionScalar> {
  package let fine: UnsafeBufferPointer<Scalar>
  package let coarse: UnsafeBufferPointer<Scalar>
  package let form: AttentionForm

  package init(
    fine: UnsafeBufferPointer<Scalar>, coarse: UnsafeBufferPointer<Scalar>, form: AttentionForm
  ) {
    self.fine = fine
    self.coarse = coarse
    self.form = form
  }

  /// The first thing wrong with the data, if any.
  package func firstError() -> ProjectionError? {
    Self.firstError(in: fine, form, operand: "fine")
      ?? Self.firstError(in: coarse, form, operand: "coarse")
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func firstError(
    in values: UnsafeBufferPointer<Scalar>, _ form: AttentionForm, operand: String
  ) -> ProjectionError? {
    // A potential of −∞ and a probability of 0 are cells that cannot carry mass.
    let impossible: Scalar = form == .probabilities ? 0 : -.infinity
    var hasMass = false
    for (index, value) in values.enumerated() {
      if value.isNaN { return .notANumber(operand: operand, index: index) }
      if value == .infinity { return .infinite(operand: operand, index: index) }
      if value < impossible {
        return value.isInfinite
          ? .infinite(operand: operand, index: index)
          : .negative(operand: operand, index: index, value: Double(value))
      }
      hasMass = hasMass || value > impossible
    }
    return hasMass ? nil : .noMass(operand: operand)
  }

  /// Natural logarithms of a map, up to a constant; −∞ where a cell cannot carry mass.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func logarithms(
    of values: UnsafeBufferPointer<Scalar>, _ form: AttentionForm,
    into logarithms: UnsafeMutablePointer<Double>
  ) {
    switch form {
    case .potentials:
      for index in 0..<values.count { logarithms[index] = Double(values[index]) }
    case .probabilities:
      let exponent = safeExponent(values)
      for index in 0..<values.count {
        let value = Double(values[index])
        logarithms[index] = .log(
          exponent == 0 ? value : Double(sign: .plus, exponent: exponent, significand: value))
      }
    }
  }
}

extension Sample {
  /// The power of two that brings the largest probability near 1 when their sum might leave
  /// Double's range, or be far from 1 for no reason; otherwise 0.
  static func safeExponent(_ probabilities: UnsafeBufferPointer<Scalar>) -> Int {
    var largest: Scalar = 0
    for value in probabilities { largest = max(largest, value) }
    let size = Double(largest)
    return size > 0 && !(1e-30...1e30).contains(size) ? -Int(size.exponent) : 0
  }
}

/// Where the maps of one sample go.
struct SampleOutput<Scalar: ProjectionScalar> {
  let fine: UnsafeMutableBufferPointer<Scalar>
  let coarse: UnsafeMutableBufferPointer<Scalar>

  /// What an infeasible or invalid sample returns.
  func clear() {
    fine.update(repeating: 0)
    coarse.update(repeating: 0)
  }
}
