import Dispatch
import Foundation
import Networks
import Synchronization
import Testing

@Suite struct BatchLoaderTests {
  private struct Torn: Error, CustomStringConvertible {
    let description = "the file is torn"
  }

  /// Images of four pixels whose elements are their index; a count of the reads.
  private final class Counted: ImageSource {
    let imageShape = [1, 2, 2]
    let labels: [Int]
    private let broken: Int?
    private let size: Int
    let reads = Atomic<Int>(0)

    init(count: Int, broken: Int? = nil, size: Int = 4) {
      labels = (0..<count).map { $0 % 3 }
      (self.broken, self.size) = (broken, size)
    }

    func image(at index: Int) throws -> SourceImage {
      reads.add(1, ordering: .relaxed)
      if index == broken { throw Torn() }
      return SourceImage(
        elements: [Float](repeating: Float(index), count: size),
        mask: [Float](repeating: Float(index % 2), count: 4))
    }
  }

  @Test func `batches come in their order, with labels and masks`() throws {
    let loader = BatchLoader(Counted(count: 6), name: "training", batches: [[4, 1], [0], [5, 5]])
    var found: [[Float]] = []
    while let batch = try loader.next() {
      #expect(batch.images.shape == [batch.indices.count, 1, 2, 2])
      #expect(batch.labels == batch.indices.map { $0 % 3 })
      #expect(batch.masks?.shape == [batch.indices.count, 2, 2])
      #expect(batch.masks?.elements.first == Float(batch.indices[0] % 2))
      found.append(batch.images.elements)
    }
    #expect(
      found == [[4, 4, 4, 4, 1, 1, 1, 1], [0, 0, 0, 0], [5, 5, 5, 5, 5, 5, 5, 5]])
    #expect(try loader.next() == nil)
  }

  @Test func `images are read in memory or when they are needed, to the same batches`() throws {
    let elements = (0..<48).map { Float($0) * 0.5 }
    let inMemory = ImageSet(elements: elements, imageShape: [3, 2, 2], labels: [0, 1, 1, 0])
    let lazy = LazyImages(imageShape: [3, 2, 2], labels: inMemory.labels, groups: [0, 0, 1, 1]) {
      SourceImage(elements: Array(elements[$0 * 12..<($0 + 1) * 12]))
    }
    #expect(inMemory.groups == [0, 1, 2, 3] && lazy.groups == [0, 0, 1, 1] && lazy.count == 4)
    for source in [inMemory, lazy] as [any ImageSource] {
      let loader = BatchLoader(source, name: "training", batches: [[2, 0]])
      let batch = try #require(try loader.next())
      #expect(batch.images.elements == inMemory.batch([2, 0]).images.elements)
      #expect(batch.masks == nil)
    }
  }

  @Test func `no more than the given number of batches is read ahead`() throws {
    let source = Counted(count: 40)
    let loader = BatchLoader(
      source, name: "training", batches: (0..<40).map { [$0] }, ahead: 3)
    for taken in 1...5 {
      _ = try loader.next()
      // Time enough to read too much.
      usleep(2000)
      #expect(source.reads.load(ordering: .relaxed) <= taken + 3)
    }
  }

  @Test func `an image that cannot be read is an error in its place, and the last word`() throws {
    let loader = BatchLoader(
      Counted(count: 6, broken: 3), name: "training", batches: [[0, 1], [2, 3], [4, 5]])
    #expect(try loader.next()?.indices == [0, 1])
    for _ in 0..<2 {
      #expect(
        throws: TrainingError.unreadableImage(
          set: "training", index: 3, reason: "the file is torn")
      ) { try loader.next() }
    }
  }

  @Test func `an image of another size is an error`() throws {
    let loader = BatchLoader(Counted(count: 2, size: 5), name: "validation", batches: [[1]])
    #expect(
      throws: TrainingError.misshapenImage(
        set: "validation", index: 1, expected: [1, 2, 2], actual: 5)
    ) { try loader.next() }
    let masked = LazyImages(imageShape: [1, 2, 2], labels: [0]) { _ in
      SourceImage(elements: [1, 2, 3, 4], mask: [1])
    }
    #expect(
      throws: TrainingError.misshapenImage(
        set: "training", index: 0, expected: [2, 2], actual: 1)
    ) { try BatchLoader(masked, name: "training", batches: [[0]]).next() }
  }

  @Test func `cancelling ends the reading and the batches`() throws {
    let source = Counted(count: 1000)
    let loader = BatchLoader(source, name: "training", batches: (0..<1000).map { [$0] })
    _ = try loader.next()
    loader.cancel()
    #expect(try loader.next() == nil)
    usleep(2000)
    let reads = source.reads.load(ordering: .relaxed)
    usleep(2000)
    #expect(reads < 10 && source.reads.load(ordering: .relaxed) == reads)
  }
}
