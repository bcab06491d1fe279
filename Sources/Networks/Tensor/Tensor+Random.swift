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

  /// Normal numbers of mean zero, drawn again where they are beyond a bound.
  ///
  /// - Parameters:
  ///   - shape: The extents of the axes.
  ///   - deviation: The standard deviation before anything is drawn again.
  ///   - bound: The largest absolute value.
  ///   - generator: Where the numbers come from.
  /// - Returns: A tensor of that shape.
  public static func truncatedNormal(
    _ shape: [Int], deviation: Float, bound: Float, using generator: inout SeededGenerator
  ) -> Tensor {
    precondition(deviation > 0 && bound >= deviation / 4, "truncatedNormal: within \(bound)")
    return Tensor(shape: shape) { values in
      for i in values.indices {
        repeat { values[i] = deviation * Float(generator.normal()) } while abs(values[i]) > bound
      }
    }
  }
}
