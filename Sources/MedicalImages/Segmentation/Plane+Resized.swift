// Resampling a plane to another size, one axis after the other. Output cell o of n covers the
// interval [o, o+1]·s of the input, s = input size / output size, with center c = (o + ½)·s.
//
//   nearest    the input cell that contains c                                              (1)
//   bilinear   weights max(0, 1 − |i + ½ − c| / max(1, s)), normalized                     (2)
//   area       weights |[i, i+1] ∩ [o·s, (o+1)·s]|, normalized                             (3)
//
// (2) is linear interpolation between cell centers where the output is finer, and widens with s
// where it is coarser, so that no input cell is skipped.

extension Plane {
  /// How values between cells are found.
  public enum Interpolation: String, Sendable, Codable {
    /// The nearest cell's value.
    case nearest
    /// Linear in each axis, smoothed where the output is coarser.
    case bilinear
    /// The mean over the area that the output cell covers.
    case area
  }

  /// The plane at another size.
  ///
  /// - Parameters:
  ///   - height: Rows of the result.
  ///   - width: Columns of the result.
  ///   - interpolation: How values between cells are found.
  /// - Returns: A plane of that size.
  /// - Complexity: O(height · input width + height · width) times the cells that one output cell
  ///   depends on.
  public func resized(height: Int, width: Int, by interpolation: Interpolation) -> Plane {
    precondition(height > 0 && width > 0, "resized: \(height)x\(width) has no cells")
    if height == self.height && width == self.width { return self }
    let rows = ResamplingWeights(from: self.height, to: height, interpolation)
    let columns = ResamplingWeights(from: self.width, to: width, interpolation)
    let result = [Float](unsafeUninitializedCapacity: height * width) { output, initialized in
      var tall = [Float](repeating: 0, count: self.width)
      for row in 0..<height {
        values.withUnsafeBufferPointer { rows.combine(row, of: $0, length: self.width, &tall) }
        for column in 0..<width { output[row * width + column] = columns.dot(column, tall) }
      }
      initialized = height * width
    }
    return Plane(height: height, width: width, values: result)
  }
}

/// The weights of (1)-(3) along one axis: `weights[o][n]` belongs to input cell `first[o] + n`.
private struct ResamplingWeights {
  var first: [Int] = []
  var weights: [[Float]] = []

  init(from size: Int, to count: Int, _ interpolation: Plane.Interpolation) {
    let step = Double(size) / Double(count)
    for output in 0..<count {
      let (low, high) = (Double(output) * step, Double(output + 1) * step)
      let center = (low + high) / 2
      let radius = interpolation == .bilinear ? max(1, step) : step / 2
      let nearest = min(size - 1, Int(center))
      let range =
        interpolation == .nearest
        ? nearest...nearest
        : max(0, Int(center - radius - 0.5))...min(size - 1, Int(center + radius + 0.5))
      let raw = range.map { input -> Double in
        let cell = Double(input)
        switch interpolation {
        case .nearest: return 1  // (1)
        case .bilinear: return max(0, 1 - abs(cell + 0.5 - center) / radius)  // (2)
        case .area: return max(0, min(high, cell + 1) - max(low, cell))  // (3)
        }
      }
      let sum = raw.reduce(0, +)
      first.append(range.lowerBound)
      weights.append(raw.map { Float($0 / sum) })
    }
  }

  /// The weighted sum of whole rows that output row `output` is.
  func combine(
    _ output: Int, of rows: UnsafeBufferPointer<Float>, length: Int, _ sum: inout [Float]
  ) {
    sum.withUnsafeMutableBufferPointer { sum in
      sum.update(repeating: 0)
      for (offset, weight) in weights[output].enumerated() {
        let start = (first[output] + offset) * length
        for column in 0..<length { sum[column] += weight * rows[start + column] }
      }
    }
  }

  /// The weighted sum of the cells of one row that output column `output` is.
  func dot(_ output: Int, _ row: [Float]) -> Float {
    var sum: Float = 0
    for (offset, weight) in weights[output].enumerated() {
      sum += weight * row[first[output] + offset]
    }
    return sum
  }
}
