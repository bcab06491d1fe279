// The time at which something that spreads with speed F from a set of sources arrives:
//
//   |∇T| F = 1,   T = 0 at the sources                                                        (1)
//
// Upwind differences on a grid of step h: with a ≤ b ≤ c the smallest neighbor along each axis, T
// is the solution of Σ (T − a)₊² = (h / F)², taken over as many of a, b, c as lie below it.     (2)
// Gauss-Seidel sweeps in the eight diagonal directions carry the front along every path that does
// not turn against its octant; they are repeated until nothing changes.
//
// Source: H. Zhao, A fast sweeping method for eikonal equations, Math. Comp. 74 (2005), 603-627.

/// Arrival times of a front on a grid.
enum TravelTime {
  /// Solves (1).
  ///
  /// - Parameters:
  ///   - speed: F at every voxel, i fastest; 0 is a wall.
  ///   - isSource: Where the front starts.
  ///   - shape: The grid's size.
  ///   - step: h.
  /// - Returns: T, infinite where the front never arrives.
  static func solve(speed: [Float], isSource: [Bool], shape: [Int], step: Float) -> [Float] {
    var times = isSource.map { $0 ? Float(0) : .infinity }
    times.withUnsafeMutableBufferPointer { times in
      speed.withUnsafeBufferPointer { speed in
        for _ in 0..<20 {
          var change: Float = 0
          for octant in 0..<8 {
            change = max(change, sweep(times, speed, shape, step, octant))
          }
          if change <= 1e-3 * step { break }
        }
      }
    }
    return times
  }

  private static func sweep(
    _ times: UnsafeMutableBufferPointer<Float>, _ speed: UnsafeBufferPointer<Float>,
    _ shape: [Int], _ step: Float, _ octant: Int
  ) -> Float {
    let (nx, ny, nz) = (shape[0], shape[1], shape[2])
    let (sx, sy, sz) = (1, nx, nx * ny)
    var change: Float = 0
    for kk in 0..<nz {
      let k = octant & 4 == 0 ? kk : nz - 1 - kk
      for jj in 0..<ny {
        let j = octant & 2 == 0 ? jj : ny - 1 - jj
        for ii in 0..<nx {
          let i = octant & 1 == 0 ? ii : nx - 1 - ii
          let p = sx * i + sy * j + sz * k
          guard speed[p] > 0, times[p] > 0 else { continue }
          let x = min(i > 0 ? times[p - sx] : .infinity, i + 1 < nx ? times[p + sx] : .infinity)
          let y = min(j > 0 ? times[p - sy] : .infinity, j + 1 < ny ? times[p + sy] : .infinity)
          let z = min(k > 0 ? times[p - sz] : .infinity, k + 1 < nz ? times[p + sz] : .infinity)
          let time = update(x, y, z, step / speed[p])
          if time < times[p] {
            change = max(change, times[p] == .infinity ? 1e9 : times[p] - time)
            times[p] = time
          }
        }
      }
    }
    return change
  }

  /// The solution of (2) for r = h / F.
  private static func update(_ x: Float, _ y: Float, _ z: Float, _ r: Float) -> Float {
    let a = min(x, y, z)
    let c = max(x, y, z)
    guard a < .infinity else { return .infinity }
    let b = max(min(x, y), min(max(x, y), z))
    let one = a + r
    if one <= b { return one }
    let two = (a + b + (2 * r * r - (a - b) * (a - b)).squareRoot()) / 2
    if two <= c { return two }
    let sum = a + b + c
    let root = sum * sum - 3 * (a * a + b * b + c * c - r * r)
    return (sum + max(0, root).squareRoot()) / 3
  }
}
