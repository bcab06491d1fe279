import Foundation

@testable import Networks

/// Machines that are threads of this process.
///
/// `@unchecked Sendable`: all that changes is behind the condition.
final class ThreadCommunicator: Communicator, @unchecked Sendable {
  /// Where the threads meet.
  private final class Meeting: @unchecked Sendable {
    let count: Int
    private let condition = NSCondition()
    private var arrived: [Int: [Double]] = [:]
    private var results: [[Double]] = []
    private var round = 0
    private var isBroken = false

    init(count: Int) { self.count = count }

    /// What every rank brought, in the order of the ranks; nil if somebody will not come any more.
    func meet(_ rank: Int, _ values: [Double]) -> [[Double]]? {
      condition.lock()
      defer { condition.unlock() }
      let mine = round
      arrived[rank] = values
      if arrived.count == count {
        results = (0..<count).map { arrived[$0] ?? [] }
        arrived = [:]
        round += 1
        condition.broadcast()
      }
      while round == mine && !isBroken { condition.wait() }
      return round == mine ? nil : results
    }

    /// Lets go of everybody who waits.
    func dissolve() {
      condition.lock()
      isBroken = true
      condition.broadcast()
      condition.unlock()
    }
  }

  let rank: Int
  var count: Int { meeting.count }
  private let meeting: Meeting
  /// The gradients' sums are another conversation: they may be begun while another one goes on.
  private let gradients: Meeting
  /// The number of sums that were begun before the walk back ended, for tests of the order.
  private(set) var begun: [Int] = []

  private init(rank: Int, _ meeting: Meeting, _ gradients: Meeting) {
    (self.rank, self.meeting, self.gradients) = (rank, meeting, gradients)
  }

  func sum(_ values: [Double]) throws(CommunicationError) -> [Double] {
    guard let all = meeting.meet(rank, values) else { throw Self.gone }
    return all.dropFirst().reduce(all[0]) { sums, more in zip(sums, more).map(+) }
  }

  func broadcast(_ bytes: [UInt8], from root: Int) throws(CommunicationError) -> [UInt8] {
    guard let all = meeting.meet(rank, rank == root ? bytes.map(Double.init) : []) else {
      throw Self.gone
    }
    return all[root].map { UInt8($0) }
  }

  func beginSum(
    _ values: UnsafeMutableBufferPointer<Float>
  ) throws(CommunicationError) -> any PendingSum {
    begun.append(values.count)
    return Pending(values, rank, gradients)
  }

  private static let gone = CommunicationError.mpi(
    operation: "meeting", code: 1, reason: "a thread is gone")

  private final class Pending: PendingSum {
    private let values: UnsafeMutableBufferPointer<Float>
    private let rank: Int
    private let meeting: Meeting

    init(_ values: UnsafeMutableBufferPointer<Float>, _ rank: Int, _ meeting: Meeting) {
      (self.values, self.rank, self.meeting) = (values, rank, meeting)
    }

    func proceed() {}

    func wait() throws(CommunicationError) {
      guard let all = meeting.meet(rank, values.map(Double.init)) else {
        throw ThreadCommunicator.gone
      }
      for index in values.indices {
        values[index] = Float(all.reduce(0) { $0 + $1[index] })
      }
    }
  }

  /// Runs `body` on as many threads as there are ranks, and returns their results.
  ///
  /// A rank that throws leaves, and the others' calls fail.
  static func run<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (ThreadCommunicator) throws -> Value
  ) -> [Result<Value, any Error>] {
    let (meeting, gradients) = (Meeting(count: count), Meeting(count: count))
    let results = Results<Value>()
    let group = DispatchGroup()
    for rank in 0..<count {
      group.enter()
      Thread.detachNewThread {
        let result = Result {
          try withOneThread { try body(ThreadCommunicator(rank: rank, meeting, gradients)) }
        }
        if case .failure = result {
          meeting.dissolve()
          gradients.dissolve()
        }
        results.set(rank, result)
        group.leave()
      }
    }
    group.wait()
    return (0..<count).compactMap { results[$0] }
  }

  private final class Results<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var byRank: [Int: Result<Value, any Error>] = [:]

    func set(_ rank: Int, _ result: Result<Value, any Error>) {
      lock.withLock { byRank[rank] = result }
    }

    subscript(rank: Int) -> Result<Value, any Error>? { lock.withLock { byRank[rank] } }
  }
}
