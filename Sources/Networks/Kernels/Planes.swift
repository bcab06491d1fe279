import CKernels
import ConvexKit

/// The windows of a pooling along one axis: window k covers `begin[k] ..< end[k]`, and its sum is
/// multiplied by `factor[k]`.
package struct Windows {
  package var begin: [Int32] = []
  package var end: [Int32] = []
  var factor: [Float] = []

  package var count: Int { begin.count }

  /// The cells of the longest one.
  var longest: Int { zip(begin, end).map { Int($1 - $0) }.max() ?? 0 }

  mutating func append(_ range: Range<Int>, factor: Float) {
    begin.append(Int32(range.lowerBound))
    end.append(Int32(range.upperBound))
    self.factor.append(factor)
  }

  func withKernelForm<Result>(_ body: (ckernels_windows) -> Result) -> Result {
    begin.withUnsafeBufferPointer { begin in
      end.withUnsafeBufferPointer { end in
        factor.withUnsafeBufferPointer { factor in
          body(
            ckernels_windows(
              count: Int64(count), begin: begin.baseAddress, end: end.baseAddress,
              factor: factor.baseAddress))
        }
      }
    }
  }
}

/// The two cells that each output of a resampling along one axis mixes.
struct Taps {
  var first: [Int32] = []
  var second: [Int32] = []
  var weight: [Float] = []

  var count: Int { first.count }

  func withKernelForm<Result>(_ body: (ckernels_taps) -> Result) -> Result {
    first.withUnsafeBufferPointer { first in
      second.withUnsafeBufferPointer { second in
        weight.withUnsafeBufferPointer { weight in
          body(
            ckernels_taps(
              count: Int64(count), first: first.baseAddress, second: second.baseAddress,
              weight: weight.baseAddress))
        }
      }
    }
  }
}

/// Pooling and resampling of images, not recorded. Results lie like the images.
enum Planes {
  /// The largest value of each window, and where in its plane it is; of bfloat16 numbers, where in its
  /// window.
  static func maximum(
    _ x: Tensor, rows: Windows, columns: Windows
  ) -> (y: Tensor, index: Memory) {
    let isSmall = rows.longest * columns.longest <= Int(UInt8.max)
    let x = isSmall ? x.inImageLayout() : x.inKernelLayout()
    let y = result(like: x, extents: [rows.count, columns.count])
    let images = narrowImages(x)
    let index = Memory(byteCount: (images == nil ? 4 : 1) * y.storedCount)
    withKernelForms(rows, columns) { rows, columns, threads in
      if let images {
        ckernels_narrow_max_pool(
          images, rows, columns, x.memory.halves, y.memory.halves, index.bytes, threads)
      } else {
        ckernels_max_pool(
          planes(x), rows, columns, x.memory.floats, y.memory.floats, index.integers, threads)
      }
    }
    return (y, index)
  }

  /// The adjoint of picking the largest values from images of the given rows and columns; `dy` lies as
  /// the indices do.
  static func maximumPullBack(
    _ dy: Tensor, extents: [Int], index: Memory, rows: Windows, columns: Windows
  ) -> Tensor {
    let dx = result(like: dy, extents: extents)
    withKernelForms(rows, columns) { rows, columns, threads in
      if let images = narrowImages(dx) {
        ckernels_narrow_max_pool_backward(
          images, rows, columns, dy.memory.halves, index.bytes, dx.memory.halves, threads)
      } else {
        ckernels_max_pool_backward(
          planes(dx), rows, columns, dy.memory.floats, index.integers, dx.memory.floats, threads)
      }
    }
    return dx
  }

  /// The sum of each window times the factors of its row and column.
  static func sum(_ x: Tensor, rows: Windows, columns: Windows) -> Tensor {
    let x = x.inKernelLayout()
    let y = result(like: x, extents: [rows.count, columns.count])
    withKernelForms(rows, columns) { rows, columns, threads in
      ckernels_sum_pool(planes(x), rows, columns, x.memory.floats, y.memory.floats, threads)
    }
    return y
  }

  static func sumPullBack(
    _ dy: Tensor, extents: [Int], rows: Windows, columns: Windows
  ) -> Tensor {
    let dy = dy.inKernelLayout()
    let dx = result(like: dy, extents: extents)
    withKernelForms(rows, columns) { rows, columns, threads in
      ckernels_sum_pool_backward(
        planes(dx), rows, columns, dy.memory.floats, dx.memory.floats, threads)
    }
    return dx
  }

  /// The mixture of four cells that the taps of each row and column name.
  static func resampled(_ x: Tensor, rows: Taps, columns: Taps) -> Tensor {
    let x = x.inKernelLayout()
    let y = result(like: x, extents: [rows.count, columns.count])
    rows.withKernelForm { rows in
      columns.withKernelForm { columns in
        ckernels_resample(
          planes(x), rows, columns, x.memory.floats, y.memory.floats,
          Int32(Parallel.defaultThreadCount))
      }
    }
    return y
  }

  static func resampledPullBack(
    _ dy: Tensor, extents: [Int], rows: Taps, columns: Taps
  ) -> Tensor {
    let dy = dy.inKernelLayout()
    let dx = result(like: dy, extents: extents)
    rows.withKernelForm { rows in
      columns.withKernelForm { columns in
        ckernels_resample_backward(
          planes(dx), rows, columns, dy.memory.floats, dx.memory.floats,
          Int32(Parallel.defaultThreadCount))
      }
    }
    return dx
  }

  // MARK: Memory

  private static func planes(_ x: Tensor) -> ckernels_planes {
    let (h, w) = (x.shape[2], x.shape[3])
    var lanes = 1
    if let layout = x.layout, case .channelBlocks(let block) = layout.kind { lanes = block }
    return ckernels_planes(
      planes: Int64(x.shape[0] * ((x.shape[1] + lanes - 1) / lanes)), rows: Int64(h),
      columns: Int64(w), lanes: Int64(lanes))
  }

  /// Images of bfloat16 numbers, blocks of channels as images of their own; nil for Float32.
  private static func narrowImages(_ x: Tensor) -> ckernels_narrow_images? {
    guard x.numberType == .bfloat16 else { return nil }
    let channels = x.layout?.kind == .channelsLast ? x.shape[1] : Int(planes(x).lanes)
    return ckernels_narrow_images(
      images: Int64(x.storedCount / (channels * x.shape[2] * x.shape[3])), rows: Int64(x.shape[2]),
      columns: Int64(x.shape[3]), channels: Int64(channels))
  }

  /// Memory for images with other extents, lying like `x`.
  private static func result(like x: Tensor, extents: [Int]) -> Tensor {
    let shape = Array(x.shape.prefix(2)) + extents
    let layout = x.layout?.resized(to: shape)
    let memory = Memory(byteCount: layout?.byteCount ?? 4 * shape.reduce(1, *))
    return Tensor(shape: shape, memory: memory, layout: layout)
  }

  private static func withKernelForms(
    _ rows: Windows, _ columns: Windows,
    _ body: (ckernels_windows, ckernels_windows, Int32) -> Void
  ) {
    rows.withKernelForm { rows in
      columns.withKernelForm { columns in
        body(rows, columns, Int32(Parallel.defaultThreadCount))
      }
    }
  }
}
