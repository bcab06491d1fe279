/// The stored numbers of one operand of a cone program as a function of the parameters.
///
/// ```
/// data = data₀ + M θ⁺                                                                  (1)
/// ```
///
/// M is sparse, a list of (target, slot, coefficient).
struct ParameterMap: Sendable {
  /// data₀.
  private(set) var constant: [Double]
  private(set) var targets: [Int32] = []
  private(set) var slots: [Int32] = []
  private(set) var coefficients: [Double] = []

  init(_ constant: [Double]) { self.constant = constant }
  init(count: Int) { constant = Array(repeating: 0, count: count) }

  /// Adds value · θ⁺[slot] to one number; a slot of −1 is the factor 1.
  mutating func add(_ value: Double, slot: Int32, to target: Int) {
    if slot < 0 { return constant[target] += value }
    targets.append(Int32(target))
    slots.append(slot)
    coefficients.append(value)
  }

  /// Whether no number depends on a parameter.
  var isConstant: Bool { targets.isEmpty }

  /// data, (1).
  func values(_ parameters: [Double]) -> [Double] {
    var values = constant
    for entry in targets.indices {
      values[Int(targets[entry])] += coefficients[entry] * parameters[Int(slots[entry])]
    }
    return values
  }

  /// M dθ⁺.
  func pushForward(_ tangent: [Double]) -> [Double] {
    var values = [Double](repeating: 0, count: constant.count)
    for entry in targets.indices {
      values[Int(targets[entry])] += coefficients[entry] * tangent[Int(slots[entry])]
    }
    return values
  }

  /// Adds Mᵀ g to the gradient of θ⁺, for the gradient g of the data.
  func pullBack(_ gradient: [Double], into parameters: inout [Double]) {
    for entry in targets.indices {
      parameters[Int(slots[entry])] += coefficients[entry] * gradient[Int(targets[entry])]
    }
  }
}
