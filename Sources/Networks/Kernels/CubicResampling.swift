// Along one axis, of extent n and resized to n′, with the scale s = n/n′, output i mixes the inputs
// around c_i = (i + ½) s. With Keys' cubic
//
//     w_a(t) = (a + 2)|t|³ − (a + 3)|t|² + 1        |t| ≤ 1                                   (1)
//              a|t|³ − 5a|t|² + 8a|t| − 4a          1 < |t| < 2
//
// and the inputs' centres j + ½, as PyTorch does it:
//
//     R_ij = w_a(j + ½ − c_i),             a = −¾, inputs beyond the border folded onto it     (2)
//     R_ij ∝ w_a((j + ½ − c_i)/max(s, 1)), a = −½, inputs inside only, rows with sum 1         (3)
//
// (3) is the smoothing form. A whole image is R_h x R_wᵀ, two matrix products.

/// Bicubic resizing of images to fixed extents, not recorded.
struct CubicResampling {
  private let rows: Tensor
  private let columns: Tensor

  /// - Parameters:
  ///   - shape: The shape of the images, `[N, C, H, W]`.
  ///   - extents: The rows and columns of the result.
  ///   - isSmoothing: Whether shrinking averages.
  init(_ shape: [Int], _ extents: [Int], isSmoothing: Bool) {
    rows = Self.matrix(from: shape[2], to: extents[0], isSmoothing: isSmoothing)
    columns = Self.matrix(from: shape[3], to: extents[1], isSmoothing: isSmoothing)
  }

  /// y = R_h x R_wᵀ
  func run(_ x: Tensor) -> Tensor {
    MatrixProduct.run(
      .init(MatrixProduct.run(.init(rows), .init(x))), .init(columns, transposed: true))
  }

  /// dx = R_hᵀ dy R_w
  func pullBack(_ dy: Tensor) -> Tensor {
    MatrixProduct.run(
      .init(MatrixProduct.run(.init(rows, transposed: true), .init(dy))), .init(columns))
  }

  /// R, `[target, source]`.
  private static func matrix(from source: Int, to target: Int, isSmoothing: Bool) -> Tensor {
    let scale = Double(source) / Double(target)
    return Tensor(shape: [target, source]) { values in
      values.update(repeating: 0)
      for i in 0..<target {
        let row = UnsafeMutableBufferPointer(rebasing: values[i * source..<(i + 1) * source])
        let center = (Double(i) + 0.5) * scale
        if isSmoothing {
          fillSmoothing(row, around: center, scale: max(scale, 1))
        } else {
          fill(row, around: center)
        }
      }
    }
  }

  /// Equation (2).
  private static func fill(_ row: UnsafeMutableBufferPointer<Float>, around center: Double) {
    let first = Int((center - 0.5).rounded(.down)) - 1
    for j in first..<first + 4 {
      let weight = cubic(Double(j) + 0.5 - center, a: -0.75)
      row[min(max(j, 0), row.count - 1)] += Float(weight)
    }
  }

  /// Equation (3).
  private static func fillSmoothing(
    _ row: UnsafeMutableBufferPointer<Float>, around center: Double, scale: Double
  ) {
    let first = max(Int(center - 2 * scale + 0.5), 0)
    let end = min(Int(center + 2 * scale + 0.5), row.count)
    let weights = (first..<end).map { cubic((Double($0) + 0.5 - center) / scale, a: -0.5) }
    let sum = weights.reduce(0, +)
    for (j, weight) in zip(first..<end, weights) { row[j] = Float(weight / sum) }
  }

  /// Equation (1).
  private static func cubic(_ t: Double, a: Double) -> Double {
    let t = abs(t)
    if t < 1 { return ((a + 2) * t - (a + 3)) * t * t + 1 }
    return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0
  }
}
