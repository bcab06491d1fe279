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
    name: "resize",
    forward: { inputs, resizing in
      let (rows, columns) = resizing.taps(inputs[0].shape)
      return .init(Planes.resampled(inputs[0], rows: rows, columns: columns))
    },
    pullback: { application, resizing, dy in
      let shape = application.inputs[0].shape
      let (rows, columns) = resizing.taps(shape)
      return [
        Planes.resampledPullBack(
          dy, extents: Array(shape.suffix(2)), rows: rows, columns: columns)
      ]
    })
}

extension Primitives.Resizing {
  fileprivate func taps(_ shape: [Int]) -> (rows: Taps, columns: Taps) {
    precondition(
      shape.count == 4 && extents.count == 2 && extents.allSatisfy { $0 > 0 },
      "resized: images of shape \(shape) to \(extents)")
    return (taps(from: shape[2], to: extents[0]), taps(from: shape[3], to: extents[1]))
  }

  private func taps(from source: Int, to target: Int) -> Taps {
    var taps = Taps()
    for i in 0..<target {
      switch mode {
      case .nearest:
        taps.first.append(Int32(i * source / target))
        taps.second.append(Int32(i * source / target))
        taps.weight.append(0)
      case .bilinear:
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
