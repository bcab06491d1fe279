import Foundation

/// Uptake on a grid, painted shape over shape.
///
/// ```
/// uptake ← uptake + f (s − uptake),    f = clamp(½ − d/h, 0, 1)
/// ```
///
/// with the shape's uptake s, the signed distance d and the voxel size h: a voxel that a surface
/// cuts gets part of both sides.
struct BodyCanvas {
  private let grid: BodyGrid
  /// SUV of every voxel, i fastest.
  private(set) var uptake: [Float]

  init(frame: GridFrame) {
    grid = BodyGrid(frame: frame)
    uptake = [Float](repeating: 0, count: frame.count)
  }

  /// Paints a shape.
  ///
  /// - Parameters:
  ///   - shape: Where.
  ///   - value: The uptake at a place.
  mutating func paint(_ shape: BodyShape, _ value: (SIMD3<Double>) -> Double) {
    let grid = grid
    uptake.withUnsafeMutableBufferPointer { uptake in
      grid.visit(shape) { position, place, fraction in
        uptake[position] += fraction * (Float(value(place)) - uptake[position])
      }
    }
  }

  /// Adds a shape to a mask: the largest share of the voxel inside any shape so far.
  func cover(_ shape: BodyShape, _ coverage: inout [Float]) {
    coverage.withUnsafeMutableBufferPointer { coverage in
      grid.visit(shape) { position, _, fraction in
        coverage[position] = max(coverage[position], fraction)
      }
    }
  }
}

/// The voxels of a grid and where they lie.
private struct BodyGrid {
  private let frame: GridFrame
  private let axes: [[Double]]

  init(frame: GridFrame) {
    self.frame = frame
    axes = (0..<3).map { frame.positions(along: $0) }
  }

  /// The voxels that a shape touches, with the share f of each that is inside.
  func visit(_ shape: BodyShape, _ body: (Int, SIMD3<Double>, Float) -> Void) {
    let h = frame.spacing
    let ranges = (0..<3).map { axis in
      range(axes[axis], from: shape.low[axis] - h, to: shape.high[axis] + h)
    }
    for k in ranges[2] {
      let section = shape.section(at: axes[2][k], spacing: h)
      for j in ranges[1] {
        let row = frame.shape[0] * (j + frame.shape[1] * k)
        let y = axes[1][j]
        for i in ranges[0] {
          let share = section(axes[0][i], y)
          if share > 0 { body(row + i, SIMD3(axes[0][i], y, axes[2][k]), Float(share)) }
        }
      }
    }
  }

  /// The indices of the positions within an interval; positions grow or shrink.
  private func range(_ positions: [Double], from low: Double, to high: Double) -> Range<Int> {
    let inside = { (x: Double) in x >= low && x <= high }
    guard let first = positions.firstIndex(where: inside),
      let last = positions.lastIndex(where: inside)
    else { return 0..<0 }
    return first..<last + 1
  }
}
