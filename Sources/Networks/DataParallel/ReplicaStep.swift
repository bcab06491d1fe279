import Synchronization

/// What the machines tell each other while they train: around each step, and inside its batch norms.
final class ReplicaStep: Sendable {
  /// What is known of the whole batch before a step.
  struct Totals {
    /// The sum of the class weights.
    var weight: Double
    /// The number of images of each machine.
    var images: [Int]
    /// How many machines were asked to stop.
    var stopping: Int
    /// How many machines cannot go on.
    var failed: Int

    /// Into how many parts every machine cuts its images: the same number, because batch norms meet in
    /// each of them, and none of the parts empty.
    func parts(_ settings: TrainingSettings) -> Int {
      min(settings.parts(of: images.max() ?? 0), images.min() ?? 0)
    }
  }

  let replicas: Replicas
  /// The first error inside a batch norm, where nothing can be thrown.
  private let kept = Mutex<CommunicationError?>(nil)

  init(_ replicas: Replicas) { self.replicas = replicas }

  /// The totals over all machines.
  func totals(
    weight: Double, images: Int, isStopping: Bool, isFailed: Bool
  ) throws(CommunicationError) -> Totals {
    let communicator = replicas.communicator
    // A place for each machine: the sum is the list.
    var counts = [Double](repeating: 0, count: communicator.count)
    counts[communicator.rank] = Double(images)
    let sums = try communicator.sum([weight, isStopping ? 1 : 0, isFailed ? 1 : 0] + counts)
    return Totals(
      weight: sums[0], images: sums.dropFirst(3).map { Int($0) }, stopping: Int(sums[1]),
      failed: Int(sums[2]))
  }

  /// A step's numbers over all machines. Where a value is not finite anywhere, the first such machine
  /// says where.
  func result(_ own: StepResult) throws(CommunicationError) -> StepResult {
    if let error = kept.withLock({ $0 }) { throw error }
    let communicator = replicas.communicator
    // One flag for each machine, so that everybody knows who has to tell.
    var flags = [Double](repeating: 0, count: communicator.count)
    flags[communicator.rank] = own.nonFinite == nil ? 0 : 1
    let isFinite = own.nonFinite == nil
    let sums = try communicator.sum(
      [
        isFinite ? own.crossEntropy : 0, isFinite ? own.penalty : 0, Double(own.correct),
        Double(own.images),
      ] + flags)
    var result = StepResult(
      crossEntropy: sums[0], penalty: sums[1], correct: Int(sums[2]), images: Int(sums[3]))
    if let teller = sums.dropFirst(4).firstIndex(where: { $0 > 0 }) {
      let words = try communicator.broadcast(Array((own.nonFinite ?? "").utf8), from: teller - 4)
      result.nonFinite = String(decoding: words, as: UTF8.self)
    }
    return result
  }

  /// Lets a network's batch norms see the whole batch, where that is asked for.
  func synchronize(_ model: some Module) {
    guard replicas.statistics == .synchronized else { return }
    for (_, mode) in model.namedModes() {
      mode.summing = { values in
        do throws(CommunicationError) {
          return try self.replicas.communicator.sum(values)
        } catch {
          self.kept.withLock { $0 = $0 ?? error }
          return values
        }
      }
    }
  }

  /// Ends that.
  func release(_ model: some Module) {
    for (_, mode) in model.namedModes() { mode.summing = nil }
  }

  /// Replaces a network's running statistics by their mean over the machines, where each has its own.
  func averageStatistics(_ model: some Module) throws(CommunicationError) {
    guard replicas.statistics == .local else { return }
    let count = Double(replicas.communicator.count)
    for (_, buffer) in model.namedBuffers() {
      guard case .tensor(let tensor) = buffer.content else { continue }
      let sums = try replicas.communicator.sum(tensor.elements.map(Double.init))
      buffer.tensor = Tensor(sums.map { Float($0 / count) }, shape: tensor.shape)
    }
  }

  /// Whether a network's weights are those of the first machine, everywhere.
  func check(_ model: some Module, epoch: Int) throws(CommunicationError) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for parameter in model.parameters {
      parameter.value.withElements { elements in
        for element in elements { hash = (hash ^ UInt64(element.bitPattern)) &* 0x100_0000_01b3 }
      }
    }
    let own = withUnsafeBytes(of: hash.littleEndian, Array.init)
    let first = try replicas.communicator.broadcast(own, from: 0)
    let different = try replicas.communicator.sum([own == first ? 0 : 1])[0]
    guard different == 0 else { throw .replicasDiffer(epoch: epoch, ranks: Int(different)) }
  }
}
