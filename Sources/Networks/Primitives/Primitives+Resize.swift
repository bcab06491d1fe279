extension Primitives {
  /// How images are resized.
  public struct Resizing: Hashable, Sendable {
    /// What a cell of the result is made of.
    public enum Mode: Hashable, Sendable {
      /// The cell at `floor(i · in / out)`.
      case nearest
      /// A mixture of the cells around `(i + ½) in / out − ½`, clamped below at 0; no smoothing
      /// where the image shrinks.
      case bilinear
      /// A mixture of the 4×4 cells around `(i + ½) in / out − ½`, by a cubic of parameter −0.75,
      /// cells beyond the border being those of the border.
      ///
      /// With smoothing, as PyTorch calls antialiasing: the cubic has parameter −0.5 and is as much
      /// wider as the image shrinks, and cells beyond the border do not count.
      ///
      /// - Source: Keys, IEEE Trans. Acoustics, Speech, Signal Processing 29 (1981), eq. 15.
      case bicubic(isSmoothing: Bool)
    }

    /// The rows and columns of the result.
    public var extents: [Int]
    /// What a cell of the result is made of.
    public var mode: Mode
  }

  /// y = R_h x R_wᵀ for each channel, R_h and R_w the interpolation along rows and columns;
  /// dx = R_hᵀ dy R_w
  ///
  /// - Shapes: x `[N, C, H, W]` → `[N, C, H′, W′]`
  public static let resize = Primitive<Resizing>(
    name: "resize", keeping: { _ in .none },
    forward: { inputs, resizing in .init(resizing.run(inputs[0])) },
    pullback: { application, resizing, dy in
      [resizing.pullBack(dy, shape: application.operands[0].shape)]
    })
}

extension Primitives.Resizing {
  fileprivate func run(_ x: Tensor) -> Tensor {
    check(x.shape)
    if case .bicubic(let isSmoothing) = mode {
      return CubicResampling(x.shape, extents, isSmoothing: isSmoothing).run(x)
    }
    return Planes.resampled(
      x, rows: taps(from: x.shape[2], to: extents[0]),
      columns: taps(from: x.shape[3], to: extents[1])
    )
  }

  fileprivate func pullBack(_ dy: Tensor, shape: [Int]) -> Tensor {
    if case .bicubic(let isSmoothing) = mode {
      return CubicResampling(shape, extents, isSmoothing: isSmoothing).pullBack(dy)
    }
    return Planes.resampledPullBack(
      dy, extents: Array(shape.suffix(2)), rows: taps(from: shape[2], to: extents[0]),
      columns: taps(from: shape[3], to: extents[1]))
  }

  private func check(_ shape: [Int]) {
    precondition(
      shape.count == 4 && extents.count == 2 && extents.allSatisfy { $0 > 0 },
      "resized: images of shape \(shape) to \(extents)")
  }

  /// The cells that each cell along an axis mixes: one, or two by their distances.
  private func taps(from source: Int, to target: Int) -> Taps {
    var taps = Taps()
    for i in 0..<target {
      if mode == .nearest {
        taps.first.append(Int32(i * source / target))
        taps.second.append(Int32(i * source / target))
        taps.weight.append(0)
      } else {
        let position = max((Double(i) + 0.5) * Double(source) / Double(target) - 0.5, 0)
        let first = min(Int(position), source - 1)
        taps.first.append(Int32(first))
        taps.second.append(Int32(min(first + 1, source - 1)))
        taps.weight.append(Float(position - Double(first)))
      }
    }
    return taps
  }
}

extension Tensor {
  /// These images with other rows and columns.
  ///
  /// - Parameters:
  ///   - extents: `[rows, columns]`
  ///   - mode: What a cell of the result is made of.
  /// - Returns: `[N, C, rows, columns]`
  public func resized(to extents: [Int], mode: Primitives.Resizing.Mode) -> Tensor {
    Primitives.resize([self], .init(extents: extents, mode: mode))
  }
}
