import ConvexKit

// An attention gate. With the features v_i of cell i, and 1×1 convolutions U = w1 and u = w2:
//
//     φ_i = ⟨u, relu(U v_i / max(‖U v_i‖, 1e-12))⟩                                     (1)
//     τ   = softmax over all cells of φ                                                (2)
//     v′_i = τ_i v_i,    with gain: v′_i = cells · τ_i v_i                               (3)
//
// u is one vector for all cells (the published code), or one per cell (Eq. 1 as printed).
//
// The gradient of w2's bias is zero: softmax ignores constants. Rounding makes it a little noise,
// which Adam turns into steps of the full size; the map does not see them.

/// An attention gate: weighs every cell of an image by where it looks.
///
/// - Shapes: features `[N, C, H, W]` → the same, and a map `[N, H, W]`.
/// - Source: Ron et al., ICML 2022, Eqs. 1-3.
public struct Gate: Module {
  /// The architecture of a gate.
  public struct Settings: Sendable, Hashable, Codable {
    /// The extent of the embedding U v.
    public var embed: Int
    /// Whether each cell has its own vector u, instead of one for all.
    public var isLocal: Bool
    /// Whether U adds a bias. Without one, the second of two gates in series does not see the
    /// first one's map: the normalization cancels it.
    public var hasBias: Bool
    /// Whether features keep their size: τ is multiplied by the number of cells. Without it, as in
    /// the paper, features shrink by that number, and the ε of the next batch norm dominates.
    public var gain: Bool

    /// Settings, the paper's unless said otherwise.
    ///
    /// - Parameters:
    ///   - embed: The extent of the embedding.
    ///   - isLocal: Whether each cell has its own vector u.
    ///   - hasBias: Whether U adds a bias.
    ///   - gain: Whether τ is multiplied by the number of cells.
    public init(embed: Int, isLocal: Bool = false, hasBias: Bool = true, gain: Bool = false) {
      self.embed = embed
      self.isLocal = isLocal
      self.hasBias = hasBias
      self.gain = gain
    }
  }

  /// U, `[E, C, 1, 1]`
  public let w1: Conv2D
  /// u, one vector for all cells, `[1, E, 1, 1]`
  public let w2: Conv2D?
  /// u, one vector per cell, `[1, E, H, W]`
  public let u: Parameter?
  /// Whether τ is multiplied by the number of cells.
  public let gain: Bool

  /// A gate with one vector for all cells, from its weights.
  public init(w1: Conv2D, w2: Conv2D, gain: Bool = false) {
    (self.w1, self.w2, u, self.gain) = (w1, w2, nil, gain)
  }

  /// A gate with one vector per cell, from its weights.
  public init(w1: Conv2D, u: Parameter, gain: Bool = false) {
    (self.w1, w2, self.u, self.gain) = (w1, nil, u, gain)
  }

  /// A gate with random weights, distributed as PyTorch's convolutions.
  ///
  /// - Parameters:
  ///   - channels: The channels C of the features.
  ///   - cells: The rows and columns of the features; only a gate with a vector per cell needs
  ///     them.
  ///   - settings: The architecture.
  ///   - generator: Where the weights come from.
  public init(
    channels: Int, cells: [Int], settings: Settings, using generator: inout SeededGenerator
  ) {
    w1 = Conv2D(
      inputs: channels, outputs: settings.embed, kernel: [1, 1], hasBias: settings.hasBias,
      using: &generator)
    if settings.isLocal {
      precondition(cells.count == 2, "Gate: cells \(cells) are not [rows, columns]")
      let bound = 1 / Float(settings.embed).squareRoot()
      w2 = nil
      u = Parameter(.uniform([1, settings.embed] + cells, bound: bound, using: &generator))
    } else {
      w2 = Conv2D(inputs: settings.embed, outputs: 1, kernel: [1, 1], using: &generator)
      u = nil
    }
    gain = settings.gain
  }

  /// The gated features and where the gate looks.
  public func callAsFunction(_ features: Tensor) -> Gated {
    let attention = AttentionMap(potentials: potentials(features))  // (2)
    let shape = features.shape
    let map = attention.map.reshaped([shape[0], 1, shape[2], shape[3]])
    let weights = gain ? Float(shape[2] * shape[3]) * map : map
    return Gated(features: features * weights, attention: attention)  // (3)
  }

  /// Equation (1): `[N, C, H, W]` → `[N, H, W]`
  public func potentials(_ features: Tensor) -> Tensor {
    let shape = features.shape
    let embedding = w1(features).l2Normalized().relu()
    // Scores differ by little where a map is nearly flat.
    let scores = withPrecision(.float32) { w2.map { $0(embedding) } ?? local(embedding) }
    return scores.reshaped([shape[0], shape[2], shape[3]])
  }

  private func local(_ embedding: Tensor) -> Tensor {
    guard let u else { preconditionFailure("a gate has w2 or u") }
    return (embedding * u.value).sum(axes: [1], keepingAxes: true)
  }
}

/// What comes out of a gate.
public struct Gated: Sendable {
  /// The features v′, `[N, C, H, W]`.
  public let features: Tensor
  /// Where the gate looked.
  public let attention: AttentionMap

  /// The given features and map.
  public init(features: Tensor, attention: AttentionMap) {
    self.features = features
    self.attention = attention
  }
}
