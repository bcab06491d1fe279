/// One row of results per sample, written by several threads, each its own samples.
///
/// `@unchecked Sendable`: no two threads have the same row.
final class SampleRows<Element>: @unchecked Sendable {
  private let memory: UnsafeMutableBufferPointer<Element>
  private let width: Int

  init(repeating value: Element, count: Int, width: Int = 1) {
    memory = .allocate(capacity: count * width)
    memory.initialize(repeating: value)
    self.width = width
  }

  deinit {
    memory.deinitialize()
    memory.deallocate()
  }

  /// The only element of a row of width 1.
  subscript(sample: Int) -> Element {
    get { memory[sample] }
    set { memory[sample] = newValue }
  }

  /// The elements of a sample's row.
  func row(_ sample: Int) -> UnsafeMutableBufferPointer<Element> {
    UnsafeMutableBufferPointer(rebasing: memory[sample * width..<(sample + 1) * width])
  }

  /// All rows, one after the other.
  var elements: [Element] { Array(memory) }
}
