import ConvexKit
import Foundation

/// The copy that a projection is measured against: as many bytes are read and written, on as many
/// threads, by the C library's `memcpy`.
struct CopyBaseline: @unchecked Sendable {
  let count: Int
  /// Floats per instance, fine and coarse.
  let sizes: [Int]
  let threads: Int
  private let sources: [UnsafeMutablePointer<Float>]
  private let targets: [UnsafeMutablePointer<Float>]

  /// Memory for a copy of `count` instances. It is never freed: the program ends soon.
  ///
  /// - Parameters:
  ///   - count: The number of instances.
  ///   - sizes: The lengths of the maps of one instance.
  ///   - threads: How many threads share the instances.
  init(count: Int, sizes: [Int], threads: Int) {
    self.count = count
    self.sizes = sizes
    self.threads = threads
    func allocate(_ size: Int) -> UnsafeMutablePointer<Float> {
      let memory = UnsafeMutablePointer<Float>.allocate(capacity: count * size)
      for index in 0..<count * size { memory[index] = Float(index & 0xffff) }
      return memory
    }
    sources = sizes.map(allocate)
    targets = sizes.map(allocate)
  }

  /// Copies every instance, with one `memcpy` per map and thread.
  func run() {
    Parallel.forEachRange(count: count, threads: threads) { range in
      for map in sizes.indices {
        let (start, length) = (range.lowerBound * sizes[map], range.count * sizes[map])
        memcpy(targets[map] + start, sources[map] + start, length * MemoryLayout<Float>.size)
      }
    }
  }

  /// Forgets what was copied.
  func clear() {
    for map in sizes.indices { targets[map].update(repeating: -1, count: count * sizes[map]) }
  }

  /// Whether the targets hold what the sources do.
  var isCopied: Bool {
    sizes.indices.allSatisfy { map in
      memcmp(targets[map], sources[map], count * sizes[map] * MemoryLayout<Float>.size) == 0
    }
  }
}
