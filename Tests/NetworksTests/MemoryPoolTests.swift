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

  @Test func `the tape of a gate holds its embedding twice, of a pool what it picked`() {
    let pool = MemoryPool()
    MemoryPool.$current.withValue(pool) {
      var generator = SeededGenerator(seed: 1)
      let settings = Gate.Settings(embed: 256)
      let gate = Gate(channels: 8, cells: [32, 32], settings: settings, using: &generator)
      let x = Tensor.normal([1, 8, 32, 32], using: &generator).differentiable()
      func held(_ compute: () -> Tensor) -> Int {
        let before = pool.statistics.bytesInUse
        let y = compute()
        defer { withExtendedLifetime(y) {} }
        return pool.statistics.bytesInUse - before
      }
      let embedding = 4 * 256 * 32 * 32
      _ = gate(x)  // parameters move into the layout that they are used in
      #expect((2 * embedding..<5 * embedding / 2).contains(held { gate(x).features }))
      let norm = BatchNorm2D(channels: 8)
      let images = 4 * 8 * 32 * 32
      // The batch norm's x, and a quarter of that twice: values and places.
      let pooled = held { norm.relu(2 * x).maxPool2D(Pooling(kernel: [2, 2])) }
      #expect((3 * images / 2..<2 * images).contains(pooled))
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
