import Glibc
import Synchronization

/// The memory that tensors live in, kept for reuse.
///
/// A training step asks for the same sizes over and over. Blocks are grouped in size classes, four
/// to an octave (at most a quarter of a block is unused), and a block that is given back waits in
/// its class for the next request: in steady state a step takes nothing from the system. Blocks of
/// 2 MB and more are aligned to 2 MB and advised to be huge pages, which the kernels need to reach
/// their speed.
public final class MemoryPool: Sendable {
  /// The pool that every tensor uses.
  public static let shared = MemoryPool()

  /// The pool that new tensors of this task use.
  @TaskLocal static var current = shared

  /// Counts since the start of the process.
  public struct Statistics: Sendable, Equatable {
    /// Blocks that were taken from the system because their class had none waiting.
    public var freshBlocks = 0
    /// The bytes of those blocks.
    public var freshBytes = 0
    /// The bytes that tensors hold now.
    public var bytesInUse = 0
    /// The bytes that wait for reuse.
    public var bytesWaiting = 0
  }

  private struct State {
    var waiting: [[Pointer]] = Array(repeating: [], count: MemoryPool.classCount)
    var statistics = Statistics()
  }

  private struct Pointer: @unchecked Sendable {
    let address: UnsafeMutableRawPointer
  }

  private let state = Mutex(State())

  init() {}

  deinit { trim() }

  /// What the pool has done so far.
  public var statistics: Statistics { state.withLock { $0.statistics } }

  /// Gives the waiting blocks back to the system.
  public func trim() {
    state.withLock { state in
      for index in state.waiting.indices {
        for block in state.waiting[index] { free(block.address) }
        state.waiting[index].removeAll()
      }
      state.statistics.bytesWaiting = 0
    }
  }

  // MARK: Blocks

  func take(sizeClass: Int) -> UnsafeMutableRawPointer {
    let bytes = Self.byteCount(ofClass: sizeClass)
    let waiting: Pointer? = state.withLock { state in
      state.statistics.bytesInUse += bytes
      guard let block = state.waiting[sizeClass].popLast() else {
        state.statistics.freshBlocks += 1
        state.statistics.freshBytes += bytes
        return nil
      }
      state.statistics.bytesWaiting -= bytes
      return block
    }
    return waiting?.address ?? Self.allocate(bytes)
  }

  func give(_ address: UnsafeMutableRawPointer, sizeClass: Int) {
    let bytes = Self.byteCount(ofClass: sizeClass)
    let block = Pointer(address: address)
    state.withLock { state in
      state.statistics.bytesInUse -= bytes
      state.statistics.bytesWaiting += bytes
      state.waiting[sizeClass].append(block)
    }
  }

  private static let hugePage = 1 << 21

  private static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    var address: UnsafeMutableRawPointer?
    let status = posix_memalign(&address, bytes >= hugePage ? hugePage : 64, bytes)
    guard status == 0, let address else {
      preconditionFailure("no memory for a tensor of \(bytes) bytes")
    }
    if bytes >= hugePage { madvise(address, bytes, MADV_HUGEPAGE) }
    return address
  }

  // MARK: Size classes
  //
  // Class 4e + q holds blocks of (4 + q) 2^e quarters of 256 bytes: 256, 320, 384, 448, 512, 640, …

  private static let smallest = 256
  private static let classCount = 4 * 44

  static func sizeClass(ofByteCount byteCount: Int) -> Int {
    precondition(byteCount >= 0, "a block of \(byteCount) bytes")
    if byteCount <= smallest { return 0 }
    let octave = Int.bitWidth - 1 - (byteCount - 1).leadingZeroBitCount - 8
    let quarter = (smallest / 4) << octave
    return 4 * octave + (byteCount + quarter - 1) / quarter - 4
  }

  static func byteCount(ofClass sizeClass: Int) -> Int {
    ((smallest / 4) << (sizeClass / 4)) * (4 + sizeClass % 4)
  }
}
