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
    normal(shape, deviation: 1, using: &generator)
  }

  /// Normal numbers of mean zero, drawn again where they are beyond a bound.
  ///
  /// - Parameters:
  ///   - shape: The extents of the axes.
  ///   - deviation: The standard deviation before anything is drawn again.
  ///   - bound: The largest absolute value, at least half a deviation.
  ///   - generator: Where the numbers come from.
  /// - Returns: A tensor of that shape.
  public static func truncatedNormal(
    _ shape: [Int], deviation: Float, bound: Float, using generator: inout SeededGenerator
  ) -> Tensor {
    precondition(
      deviation > 0 && bound >= deviation / 2,
      "truncatedNormal: a deviation of \(deviation) within \(bound)")
    // √(−2 ln 2⁻⁵³), the largest number that the generator makes, is less than 8.6.
    if bound > 8.6 * deviation { return normal(shape, deviation: deviation, using: &generator) }
    return Tensor(shape: shape) { values in
      for i in values.indices {
        repeat { values[i] = deviation * Float(generator.normal()) } while abs(values[i]) > bound
      }
    }
  }

  /// Normal numbers, a part of them by each thread: the generator counts, so that each part knows
  /// where it begins.
  private static func normal(
    _ shape: [Int], deviation: Float, using generator: inout SeededGenerator
  ) -> Tensor {
    let start = generator
    let count = shape.reduce(1, *)
    generator.skip(2 * count)
    let memory = Memory(count: count)
    Parallel.forEachRange(count: count, minimumPerThread: 4096) { range in
      var generator = start
      generator.skip(2 * range.lowerBound)
      for i in range { memory.floats[i] = deviation * Float(generator.normal()) }
    }
    return Tensor(shape: shape, memory: memory)
  }
}
