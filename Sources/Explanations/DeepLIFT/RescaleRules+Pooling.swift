import ConvexKit
import Networks

// The largest of a window, (7). With y, y₀ the largest values and m = max(y, y₀),
//
//     Δy = (m − y₀) + (y − m)
//
// the first term is due to the largest cell at the image, the second to that at the baseline: each
// has moved at least that far in that direction, so that no quotient exceeds 1.
extension RescaleRules {
  static func maxPool(_ a: Application, _ b: Application, _ dy: Tensor) -> [Tensor?] {
    guard let pooling = a.attributes as? Pooling else {
      preconditionFailure("max_pool2d was recorded with other attributes")
    }
    let (x, x0) = (a.inputs[0], b.inputs[0])
    let planes = PoolingPlanes(pooling, input: x.shape, output: a.output.shape)
    let repeats = x0.shape[0] < x.shape[0]
    let dx = x.withElements { x in
      x0.withElements { x0 in
        dy.withElements { dy in
          Tensor(shape: a.inputs[0].shape) { dx in
            nonisolated(unsafe) let (x, x0, dy, dx) = (x, x0, dy, dx)
            Parallel.forEachRange(count: planes.count) { range in
              var scratch = PoolingPlanes.Scratch(cells: planes.inputCells)
              for plane in range {
                let input = plane * planes.inputCells
                let baseline = (repeats ? plane % planes.channels : plane) * planes.inputCells
                planes.rescale(
                  x: .init(rebasing: x[input..<input + planes.inputCells]),
                  x0: .init(rebasing: x0[baseline..<baseline + planes.inputCells]),
                  dy: .init(
                    rebasing: dy[plane * planes.outputCells..<(plane + 1) * planes.outputCells]),
                  dx: .init(rebasing: dx[input..<input + planes.inputCells]), &scratch)
              }
            }
          }
        }
      }
    }
    return [dx]
  }
}

/// A max pooling, plane by plane.
private struct PoolingPlanes: Sendable {
  let count: Int
  let channels: Int
  let inputCells: Int
  let outputCells: Int
  private let rows: [Range<Int>]
  private let columns: [Range<Int>]
  private let width: Int

  init(_ pooling: Pooling, input: [Int], output: [Int]) {
    func ranges(_ axis: Int) -> [Range<Int>] {
      let windows = pooling.windows(axis: axis, extent: input[axis + 2], countsPadding: true)
      return zip(windows.begin, windows.end).map { Int($0)..<Int($1) }
    }
    (rows, columns) = (ranges(0), ranges(1))
    (count, channels, width) = (input[0] * input[1], input[1], input[3])
    (inputCells, outputCells) = (input[2] * input[3], output[2] * output[3])
  }

  struct Scratch {
    /// What each cell is credited with.
    var credit: [Float]
    /// The pool's own pullback, for cells that have not moved.
    var own: [Float]

    init(cells: Int) {
      credit = Array(repeating: 0, count: cells)
      own = credit
    }
  }

  func rescale(
    x: UnsafeBufferPointer<Float>, x0: UnsafeBufferPointer<Float>,
    dy: UnsafeBufferPointer<Float>, dx: UnsafeMutableBufferPointer<Float>, _ scratch: inout Scratch
  ) {
    for i in 0..<inputCells { (scratch.credit[i], scratch.own[i]) = (0, 0) }
    var window = 0
    for row in rows {
      for column in columns {
        let (place, place0) = (largest(x, row, column), largest(x0, row, column))
        let (y, y0) = (x[place], x0[place0])
        let m = max(y, y0)
        scratch.credit[place] += (m - y0) * dy[window]
        scratch.credit[place0] += (y - m) * dy[window]
        scratch.own[place] += dy[window]
        window += 1
      }
    }
    for i in 0..<inputCells {
      let difference = x[i] - x0[i]
      let hasMoved = abs(difference) > Self.tolerance * max(abs(x[i]), abs(x0[i]))
      dx[i] = hasMoved ? scratch.credit[i] / difference : scratch.own[i]
    }
  }

  /// Values that differ by less, relatively, are equal up to the rounding of what computed them.
  private static let tolerance: Float = 0x1p-21

  /// The place of the largest value of a window, the first in row order among equals.
  private func largest(
    _ x: UnsafeBufferPointer<Float>, _ rows: Range<Int>, _ columns: Range<Int>
  ) -> Int {
    var best = rows.lowerBound * width + columns.lowerBound
    for row in rows {
      for place in row * width + columns.lowerBound..<row * width + columns.upperBound
      where x[place] > x[best] + Self.tolerance * abs(x[best]) { best = place }
    }
    return best
  }
}
