/// Arrays of numbers that stay where they are until their owner goes.
///
/// A solver's vectors live in one of these: loops over them neither allocate nor retain, and
/// pointers to them stay valid.
final class Arena {
  private var doubles: [UnsafeMutablePointer<Double>] = []
  private var integers: [UnsafeMutablePointer<Int32>] = []
  private var others: [UnsafeMutableRawPointer] = []

  /// Until a large block has been freed, glibc gives free memory at the end of its heap back to the
  /// system from 128 KB on; every solver would then fetch its vectors page by page again, which takes a
  /// tenth of the time of a small model. Freeing one block raises the limit to twice its size.
  private static let keepsMemory: Void = {
    let size = 4 << 20
    UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16).deallocate()
  }()

  init() { Arena.keepsMemory }

  /// `count` zeros.
  func numbers(_ count: Int) -> UnsafeMutablePointer<Double> {
    let pointer = UnsafeMutablePointer<Double>.allocate(capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: max(count, 1))
    doubles.append(pointer)
    return pointer
  }

  /// A copy of these numbers.
  func numbers(_ elements: [Double]) -> UnsafeMutablePointer<Double> {
    let pointer = numbers(elements.count)
    for (index, element) in elements.enumerated() { pointer[index] = element }
    return pointer
  }

  /// `count` zeros.
  func indices(_ count: Int) -> UnsafeMutablePointer<Int32> {
    let pointer = UnsafeMutablePointer<Int32>.allocate(capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: max(count, 1))
    integers.append(pointer)
    return pointer
  }

  /// A copy of these indices.
  func indices(_ elements: [Int]) -> UnsafeMutablePointer<Int32> {
    let pointer = indices(elements.count)
    for (index, element) in elements.enumerated() { pointer[index] = Int32(element) }
    return pointer
  }

  /// `count` copies of a record, which owns nothing.
  func records<Record: BitwiseCopyable>(
    _ count: Int, _ record: Record
  ) -> UnsafeMutablePointer<Record> {
    let pointer = UnsafeMutablePointer<Record>.allocate(capacity: max(count, 1))
    pointer.initialize(repeating: record, count: max(count, 1))
    others.append(UnsafeMutableRawPointer(pointer))
    return pointer
  }

  deinit {
    for pointer in doubles { pointer.deallocate() }
    for pointer in integers { pointer.deallocate() }
    for pointer in others { pointer.deallocate() }
  }
}
