import ConvexKit
import Foundation
import KLProjection

/// A batch of pairs of maps, with room for everything that is computed from it.
///
/// The memory is aligned to cache lines, as that of tensors is. It is allocated and touched once, and
/// never freed: the program ends soon.
struct Maps: @unchecked Sendable {
  let projection: MarginalProjection
  let count: Int
  /// Positive numbers below 1: probabilities up to their sum, or potentials.
  let fine: UnsafeMutableBufferPointer<Float>
  let coarse: UnsafeMutableBufferPointer<Float>
  let fineOut: UnsafeMutableBufferPointer<Float>
  let coarseOut: UnsafeMutableBufferPointer<Float>
  private let summaries: UnsafeMutableBufferPointer<ProjectionSummary>
  private let residuals: UnsafeMutableBufferPointer<Double>

  init(count: Int, threads: Int) throws {
    projection = try MarginalProjection(
      fine: [32, 32], coarse: [16, 16], settings: ProjectionSettings(threads: threads))
    self.count = count
    var random = SeededGenerator(seed: 1)
    func allocate(_ size: Int, _ fill: () -> Float) -> UnsafeMutableBufferPointer<Float> {
      let bytes = count * size * MemoryLayout<Float>.size
      let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      let buffer = UnsafeMutableBufferPointer(
        start: memory.bindMemory(to: Float.self, capacity: count * size), count: count * size)
      for index in buffer.indices { buffer.initializeElement(at: index, to: fill()) }
      return buffer
    }
    fine = allocate(1024) { Float(random.uniform(in: 0.01..<1)) }
    coarse = allocate(256) { Float(random.uniform(in: 0.01..<1)) }
    fineOut = allocate(1024) { 0 }
    coarseOut = allocate(256) { 0 }
    summaries = .allocate(capacity: count)
    residuals = .allocate(capacity: count)
    let empty = try MarginalProjection(fine: [1], coarse: [1]).project(
      fine: [Float(1)], coarse: [1])
    summaries.initialize(repeating: empty.summaries[0])
    residuals.initialize(repeating: 0)
  }

  func project(_ form: AttentionForm) throws {
    try projection.project(
      fine: UnsafeBufferPointer(fine), coarse: UnsafeBufferPointer(coarse), as: form,
      into: fineOut, coarseOut, summaries: summaries)
  }

  /// The same through arrays, for the pullback.
  func projected() throws -> ProjectionBatch<Float> {
    try projection.project(fine: Array(fine), coarse: Array(coarse))
  }

  /// Pulls the inputs back, as cotangents.
  func pullBack(_ batch: ProjectionBatch<Float>) {
    batch.pullBack(
      fine: UnsafeBufferPointer(fine), coarse: UnsafeBufferPointer(coarse), into: fineOut,
      coarseOut, residuals: residuals)
  }

  /// Compares some samples with the same maps solved in Double.
  func check(_ form: AttentionForm) throws {
    for index in stride(from: 0, to: count, by: max(1, count / 16)) {
      let (m, n) = (index * 1024..<(index + 1) * 1024, index * 256..<(index + 1) * 256)
      let expected = try projection.project(
        fine: fine[m].map { Double($0) }, coarse: coarse[n].map { Double($0) }, as: form)[0]
      try WrongAnswer.check("μ", difference(fineOut[m], expected.fine), atMost: 1e-8)
      try WrongAnswer.check("ν", difference(coarseOut[n], expected.coarse), atMost: 3e-8)
      try WrongAnswer.check(
        "optimum", abs(summaries[index].optimum - expected.optimum), atMost: 1e-5)
    }
  }

  /// Compares some samples with the same cotangents pulled back in Double.
  func checkPullBack(_ batch: ProjectionBatch<Float>) throws {
    for index in stride(from: 0, to: count, by: max(1, count / 16)) {
      let (m, n) = (index * 1024..<(index + 1) * 1024, index * 256..<(index + 1) * 256)
      let expected = try projection.project(
        fine: fine[m].map { Double($0) }, coarse: coarse[n].map { Double($0) })[0]
        .pullBack(fine: fine[m].map { Double($0) }, coarse: coarse[n].map { Double($0) })
      try WrongAnswer.check("dφ", difference(fineOut[m], expected.fine), atMost: 1e-8)
      try WrongAnswer.check("dψ", difference(coarseOut[n], expected.coarse), atMost: 3e-8)
    }
  }

  private func difference(_ a: Slice<UnsafeMutableBufferPointer<Float>>, _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
  }
}
