/// Working memory of one thread, so that no sample allocates.
final class Scratch {
  /// Room for one number per fine cell.
  let fine: [UnsafeMutableBufferPointer<Double>]
  /// Room for one number per coarse cell.
  let coarse: [UnsafeMutableBufferPointer<Double>]

  init(fineCount: Int, coarseCount: Int, fineBuffers: Int, coarseBuffers: Int) {
    fine = (0..<fineBuffers).map { _ in
      let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: fineCount)
      buffer.initialize(repeating: 0)
      return buffer
    }
    coarse = (0..<coarseBuffers).map { _ in
      let buffer = UnsafeMutableBufferPointer<Double>.allocate(capacity: coarseCount)
      buffer.initialize(repeating: 0)
      return buffer
    }
  }

  deinit {
    for buffer in fine + coarse { buffer.deallocate() }
  }
}
