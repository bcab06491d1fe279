/// θ⁺: the elements of all parameters, and after them what is computed from them.
///
/// ```
/// θ⁺ = (θ, d₁, d₂, …),   d_k = the value of an expression without variables, or θ⁺_i θ⁺_j    (1)
/// ```
///
/// Each depends on what is before it only. The chain rule goes through (1) backwards.
struct DerivedParameters: Sendable {
  enum Step: Sendable {
    case value(Expression)
    case product(Int, Int)
  }

  /// How many of the slots are θ.
  let parameterCount: Int
  /// How many there are.
  private(set) var count: Int
  private(set) var steps: [(slot: Int, step: Step)] = []

  init(parameterCount: Int) {
    self.parameterCount = parameterCount
    count = parameterCount
  }

  /// Slots for the value of an expression; the first of them.
  mutating func append(_ expression: Expression) -> Int {
    defer { count += expression.count }
    steps.append((count, .value(expression)))
    return count
  }

  /// A slot for a product of two.
  mutating func append(product a: Int, _ b: Int) -> Int {
    defer { count += 1 }
    steps.append((count, .product(a, b)))
    return count
  }

  /// θ⁺, (1).
  ///
  /// - Parameters:
  ///   - parameters: θ.
  ///   - evaluation: Has the parameters' values.
  /// - Returns: θ⁺.
  /// - Throws: ``ModelingError/notFinite(operand:index:value:)`` naming the expression that has no
  ///   finite value, such as log(τ) where τ is 0.
  func values(
    _ parameters: [Double], _ evaluation: inout Evaluation
  ) throws(ModelingError) -> [Double] {
    var values = parameters
    values.reserveCapacity(count)
    for (_, step) in steps {
      switch step {
      case .product(let a, let b): values.append(values[a] * values[b])
      case .value(let expression):
        let value = evaluation.value(of: expression).elements
        if let index = value.firstIndex(where: { !$0.isFinite }) {
          throw .notFinite(operand: expression.description, index: index, value: value[index])
        }
        values += value
      }
    }
    return values
  }

  /// The gradient of each parameter from that of θ⁺.
  func pullBack(
    _ gradient: [Double], at values: [Double], _ evaluation: inout Evaluation,
    parameters: [(leaf: Expression, offset: Int)]
  ) -> [ObjectIdentifier: [Double]] {
    var gradient = gradient
    var leaves: [ObjectIdentifier: [Double]] = [:]
    for (slot, step) in steps.reversed() {
      switch step {
      case .product(let a, let b):
        // 2 θ dθ for a square: both statements then add to the same element.
        gradient[a] += gradient[slot] * values[b]
        gradient[b] += gradient[slot] * values[a]
      case .value(let expression):
        evaluation.pullBack(
          expression, Array(gradient[slot..<slot + expression.count]), into: &leaves)
      }
    }
    for (leaf, offset) in parameters {
      let direct = gradient[offset..<offset + leaf.count]
      let indirect = leaves[leaf.id] ?? Array(repeating: 0, count: leaf.count)
      leaves[leaf.id] = zip(direct, indirect).map { $0 + $1 }
    }
    return leaves
  }

  /// dθ⁺ from the tangents of the parameters.
  func pushForward(
    _ tangents: [ObjectIdentifier: [Double]], at values: [Double], _ evaluation: inout Evaluation,
    parameters: [(leaf: Expression, offset: Int)]
  ) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(count)
    for (leaf, _) in parameters {
      result += tangents[leaf.id] ?? Array(repeating: 0, count: leaf.count)
    }
    for (_, step) in steps {
      switch step {
      case .product(let a, let b): result.append(result[a] * values[b] + values[a] * result[b])
      case .value(let expression): result += evaluation.pushForward(expression, tangents)
      }
    }
    return result
  }
}
