import ConvexKit
import Testing

@testable import Networks

@Suite struct MemoryPoolTests {
  @Test func `a size class holds every size it is chosen for, with at most a quarter to spare`() {
    for bytes in [0, 1, 255, 256, 257, 320, 321, 4096, 5000, 1 << 20, (1 << 21) + 1, 123_456_789] {
      let size = MemoryPool.byteCount(ofClass: MemoryPool.sizeClass(ofByteCount: bytes))
      #expect(size >= bytes)
      #expect(bytes < 256 || 4 * size <= 5 * bytes + 256)
    }
  }

  @Test func `blocks are aligned and are used again`() {
    let pool = MemoryPool()
    let first = Memory(byteCount: 3 << 20, pool: pool).pointer
    #expect(Int(bitPattern: first) % (1 << 21) == 0)
    let again = Memory(byteCount: (3 << 20) - 100, pool: pool)
    #expect(again.pointer == first)
    #expect(pool.statistics.freshBlocks == 1)
    let other = Memory(byteCount: 3 << 20, pool: pool)
    #expect(Int(bitPattern: other.pointer) % 64 == 0)
    #expect(pool.statistics.freshBlocks == 2)
    withExtendedLifetime((again, other)) {}
  }

  #if DEBUG
    private static let steps = 12
  #else
    private static let steps = 200
  #endif

  @Test func `in steady state a training step takes nothing from the system`() {
    let pool = MemoryPool()
    MemoryPool.$current.withValue(pool) {
      var generator = SeededGenerator(seed: 1)
      let model = ResNet(
        ResNet.Settings(blocks: [1, 1, 1, 1], width: 8, classes: 2, size: [32, 32]),
        using: &generator)
      let optimizer = Adam(model.namedParameters())
      let images = Tensor.normal([2, 3, 32, 32], using: &generator)
      var fresh: [Int] = []
      for _ in 0..<Self.steps {
        model.clearGradients()
        model(images).logits.crossEntropy([0, 1]).backward()
        optimizer.step()
        fresh.append(pool.statistics.freshBytes)
      }
      #expect(fresh[2] > 0)
      #expect(Set(fresh[2...]).count == 1)
    }
  }

  @Test func `trimming gives back what waits`() {
    let pool = MemoryPool()
    do { _ = Memory(byteCount: 1000, pool: pool) }
    #expect(pool.statistics.bytesWaiting == 1024)
    pool.trim()
    #expect(pool.statistics.bytesWaiting == 0)
    #expect(pool.statistics.bytesInUse == 0)
  }
}
