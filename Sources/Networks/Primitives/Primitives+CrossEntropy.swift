extension Primitives {
  /// What a cross-entropy compares with.
  public struct Targets: Sendable {
    /// The class of each row.
    public var classes: [Int]
    /// A weight for each class; nil means ones.
    public var weights: [Float]?
    /// The share of the target that is spread evenly over all classes.
    public var smoothing: Float
  }

  /// With p = softmax(x), target class t, class weights w, smoothing ε and K classes,
  /// y = Σ_n [(1 − ε) w_t (−ln p_t) + ε/K Σ_k w_k (−ln p_k)] / Σ_n w_t;
  /// dx_k = dy [p_k ((1 − ε) w_t + ε/K Σ w) − (1 − ε) w_t [k = t] − ε/K w_k] / Σ_n w_t
  ///
  /// - Shapes: x `[N, K]` → scalar
  public static let crossEntropy = Primitive<Targets>(
    name: "cross_entropy",
    forward: { inputs, targets in
      let x = inputs[0]
      precondition(
        x.rank == 2 && targets.classes.count == x.shape[0]
          && targets.classes.allSatisfy { $0 >= 0 && $0 < x.shape[1] },
        "crossEntropy: logits of shape \(x.shape) and targets \(targets.classes)")
      let (rows, classes) = (x.shape[0], x.shape[1])
      let logp = LogSoftmax.run(x, outer: rows, length: classes, inner: 1)
      let coefficients = targets.coefficients(classes: classes)
      var loss = 0.0
      logp.withElements { logp in
        for (c, l) in zip(coefficients, logp) where c != 0 { loss -= Double(c) * Double(l) }
      }
      return .init(Tensor(Float(loss)))
    },
    pullback: { application, targets, dy in
      let x = application.inputs[0]
      let (rows, classes) = (x.shape[0], x.shape[1])
      let p = Softmax.run(x, outer: rows, length: classes, inner: 1)
      let coefficients = targets.coefficients(classes: classes)
      let scale = dy.item
      let dx = p.withElements { p in
        Tensor(shape: x.shape) { dx in
          for row in 0..<rows {
            let range = row * classes..<(row + 1) * classes
            // In Double: the two terms of a sure row, or of many classes, cancel.
            let total = range.reduce(0) { $0 + Double(coefficients[$1]) }
            for k in range {
              dx[k] = scale * Float(Double(p[k]) * total - Double(coefficients[k]))
            }
          }
        }
      }
      return [dx]
    })
}

extension Primitives.Targets {
  /// The factor of −ln p for each row and class.
  fileprivate func coefficients(classes count: Int) -> [Float] {
    let weights = weights ?? Array(repeating: 1, count: count)
    precondition(weights.count == count, "crossEntropy: \(weights.count) weights, \(count) classes")
    let total = classes.reduce(0) { $0 + Double(weights[$1]) }
    let spread = Double(smoothing) / Double(count)
    return classes.flatMap { target in
      weights.enumerated().map { k, w in
        Float((spread + (k == target ? 1 - Double(smoothing) : 0)) * Double(w) / total)
      }
    }
  }
}

extension Tensor {
  /// The mean cross-entropy between these logits and the classes that they should name.
  ///
  /// - Parameters:
  ///   - classes: The class of each row.
  ///   - weights: A weight for each class; the mean is then divided by the targets' weights.
  ///   - smoothing: The share of the target that is spread evenly over all classes.
  /// - Returns: A scalar.
  public func crossEntropy(
    _ classes: [Int], weights: [Float]? = nil, smoothing: Float = 0
  ) -> Tensor {
    Primitives.crossEntropy(
      [self], .init(classes: classes, weights: weights, smoothing: smoothing))
  }
}
