import ConvexKit

extension Tensor {
  /// Numbers uniform between −bound and bound.
  public static func uniform(
    _ shape: [Int], bound: Float, using generator: inout SeededGenerator
  ) -> Tensor {
    Tensor(shape: shape) { values in
      for i in values.indices { values[i] = Float(2 * generator.uniform() - 1) * bound }
    }
  }

  /// Standard normal numbers.
  public static func normal(_ shape: [Int], using generator: inout SeededGenerator) -> Tensor {
    Tensor(shape: shape) { values in
      for i in values.indices { values[i] = Float(generator.normal()) }
    }
  }
}
