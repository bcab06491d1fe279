import RealModule

/// A small seeded generator: the same seed gives the same numbers on every machine.
///
/// SplitMix64 (Steele, Lea & Flood, OOPSLA 2014). Its state is one integer, so that a checkpoint
/// can store it.
public struct SeededGenerator: RandomNumberGenerator, Sendable, Equatable {
  /// All there is to know about what comes next.
  public var state: UInt64

  /// A generator that starts at `seed`.
  public init(seed: UInt64) {
    state = seed
  }

  /// A generator whose stream depends on a seed and a name, and on nothing else.
  ///
  /// - Parameters:
  ///   - seed: The seed of a whole run.
  ///   - name: What the stream is for: streams of different names are independent.
  public init(seed: UInt64, name: String) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    var mixer = SeededGenerator(seed: seed ^ hash)
    state = mixer.next()
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Passes over random bits, as that many calls of ``next()`` would: the generator counts.
  ///
  /// - Parameter count: How many.
  public mutating func skip(_ count: Int) {
    state &+= UInt64(count) &* 0x9e37_79b9_7f4a_7c15
  }

  /// A number uniform in [0, 1), a multiple of 2⁻⁵³.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// A number uniform in `range`.
  public mutating func uniform(in range: Range<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// A standard normal number (Box & Muller, 1958; the second of each pair is not kept, so that
  /// the state alone decides what comes next).
  public mutating func normal() -> Double {
    let radius = (-2 * Double.log(1 - uniform())).squareRoot()
    return radius * Double.cos(2 * .pi * uniform())
  }
}
