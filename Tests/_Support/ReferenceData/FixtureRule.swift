/// The rule that weights and inputs of the reference data are made by.
///
/// ```
/// raw(NAME, i) = splitmix64(fnv1a64(PREFIX + NAME) + i · 0x9e3779b97f4a7c15)
/// u = (raw >> 11) / 2⁵³,    s = 2u − 1
/// ```
///
/// Values are computed in Double and rounded once to Float.
public struct FixtureRule: Sendable {
  /// What kind of array a name stands for.
  public enum Kind: String {
    case weight
    case bias
    case normWeight = "norm_weight"
    case normBias = "norm_bias"
    case runningMean = "running_mean"
    case runningVar = "running_var"
    case numBatchesTracked = "num_batches_tracked"
    case lamb
    case token
    case input
  }

  /// Set before every name.
  public var prefix: String

  /// The rule with a prefix before every name.
  public init(prefix: String = "") {
    self.prefix = prefix
  }

  /// `raw(name, index)`.
  public func raw(_ name: String, _ index: Int) -> UInt64 {
    Self.splitmix64(Self.fnv1a64(prefix + name) &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15)
  }

  /// `u(name, index)`, in [0, 1).
  public func u(_ name: String, _ index: Int) -> Double {
    Double(raw(name, index) >> 11) * 0x1p-53
  }

  /// The elements of an array of the given kind.
  public func elements(
    _ name: String, _ kind: Kind, count: Int, fanIn: Int = 1, gain: Double = 1
  ) -> [Float] {
    let start = Self.fnv1a64(prefix + name)
    // Every kind is offset + scale · s, or u for s: nothing is decided inside the loop.
    let (offset, scale): (Double, Double) =
      switch kind {
      case .weight: (0, (3 / Double(fanIn)).squareRoot())
      case .bias, .normBias, .runningMean: (0, 0.05)
      case .normWeight: (1, 0.1)
      case .runningVar: (1, 0.2)
      case .numBatchesTracked: (0, 0)
      case .lamb, .token: (0, 0.5)
      case .input: (0, Double(3).squareRoot())
      }
    let isSigned = kind != .runningVar
    return Array(unsafeUninitializedCapacity: count) { values, initialized in
      var state = start
      for index in 0..<count {
        let u = Double(Self.splitmix64(state) >> 11) * 0x1p-53
        values[index] = Float((offset + scale * (isSigned ? 2 * u - 1 : u)) * gain)
        state &+= 0x9e37_79b9_7f4a_7c15
      }
      initialized = count
    }
  }

  /// Integers below `bound`: targets, or the entries of a gradient that are compared.
  public func integers(_ name: String, count: Int, below bound: Int) -> [Int] {
    (0..<count).map { Int(raw(name, $0) % UInt64(bound)) }
  }

  /// The hash that a sequence starts from.
  public static func fnv1a64(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// The mixing function of the sequence.
  public static func splitmix64(_ x: UInt64) -> UInt64 {
    var z = x &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
