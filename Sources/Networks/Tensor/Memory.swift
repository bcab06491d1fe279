/// A block of pooled memory: it returns to the pool when its last owner lets it go.
///
/// `@unchecked Sendable`: a block is written by the operation that makes it, before anybody else
/// can see it, and read-only from then on. There are two exceptions, both only when nobody shares
/// the block: the in-place update of a parameter, inside the parameter's lock, and pullbacks that
/// put a result in the place of a cotangent.
final class Memory: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  let byteCount: Int
  private let sizeClass: Int
  private let pool: MemoryPool

  /// A block of at least `byteCount` bytes, aligned to 64, with arbitrary contents.
  init(byteCount: Int, pool: MemoryPool = .current) {
    self.byteCount = byteCount
    self.pool = pool
    sizeClass = MemoryPool.sizeClass(ofByteCount: byteCount)
    pointer = pool.take(sizeClass: sizeClass)
  }

  /// A block for `count` 32-bit values with arbitrary contents.
  convenience init(count: Int) {
    self.init(byteCount: 4 * count)
  }

  deinit {
    pool.give(pointer, sizeClass: sizeClass)
  }

  /// The block as Float32 values.
  var floats: UnsafeMutablePointer<Float> {
    pointer.assumingMemoryBound(to: Float.self)
  }

  /// The block as Float64 values.
  var doubles: UnsafeMutablePointer<Double> {
    pointer.assumingMemoryBound(to: Double.self)
  }

  /// The block as bfloat16 values.
  var halves: UnsafeMutablePointer<UInt16> {
    pointer.assumingMemoryBound(to: UInt16.self)
  }

  /// The block as 32-bit integers.
  var integers: UnsafeMutablePointer<Int32> {
    pointer.assumingMemoryBound(to: Int32.self)
  }

  /// The block as bytes.
  var bytes: UnsafeMutablePointer<UInt8> {
    pointer.assumingMemoryBound(to: UInt8.self)
  }

  /// Sets every byte to zero.
  func clear() {
    pointer.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }
}
