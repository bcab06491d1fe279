import CSoftmax
import ConvexKit
import Foundation

/// oneDNN's softmax of the fine and of the coarse maps of a batch: the least that anybody who has
/// potentials computes from them.
struct Softmaxes: @unchecked Sendable {
  private let maps: Maps
  private let fine: OpaquePointer
  private let coarse: OpaquePointer
  private let fineOut: UnsafeMutablePointer<Float>
  private let coarseOut: UnsafeMutablePointer<Float>

  init(_ maps: Maps, threads: Int) throws {
    guard let fine = csoftmax_create(maps.count, 1024, Int32(threads)),
      let coarse = csoftmax_create(maps.count, 256, Int32(threads))
    else { throw WrongAnswer(description: "oneDNN has no softmax here") }
    self.maps = maps
    self.fine = fine
    self.coarse = coarse
    fineOut = .allocate(capacity: maps.count * 1024)
    coarseOut = .allocate(capacity: maps.count * 256)
    fineOut.initialize(repeating: 0, count: maps.count * 1024)
    coarseOut.initialize(repeating: 0, count: maps.count * 256)
  }

  func run() {
    guard let x = maps.fine.baseAddress, let y = maps.coarse.baseAddress else { return }
    _ = csoftmax_run(fine, x, fineOut)
    _ = csoftmax_run(coarse, y, coarseOut)
  }
}
