import Networks

extension Tensor {
  /// The point `baseline + α (self − baseline)`, computed in Double and rounded once: near the edge
  /// of a relu a unit in the last place decides a gradient.
  ///
  /// - Shapes: like this tensor; the baseline may be one sample.
  func point(_ node: Double, from baseline: Tensor) -> Tensor {
    .mapping([self, baseline]) { count, operands, result in
      let (x, start) = (operands[0], operands[1])
      for i in 0..<count {
        let origin = Double(start[i])
        result[i] = Float(origin + node * (Double(x[i]) - origin))
      }
    }
  }
}
