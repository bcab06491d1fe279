import ArrayFiles
import Foundation

// What a trainer does together with those on other machines. Alone, it does the same without them.

extension Trainer {
  /// The next batch, and what all machines have of it; nil if somebody was asked to stop.
  func next(
    _ loader: BatchLoader, _ step: TrainingStep<Model>, _ observer: TrainingObserver
  ) throws(TrainingError) -> (batch: ImageBatch, total: ReplicaStep.Totals?)? {
    let stops = observer.shouldStop()
    guard let replicas else {
      guard !stops, let batch = try loader.next() else { return nil }
      return (batch, nil)
    }
    let batch: Result<ImageBatch?, TrainingError>
    do throws(TrainingError) {
      batch = .success(try loader.next())
    } catch {
      batch = .failure(error)
    }
    let labels = (try? batch.get())?.labels ?? []
    let isFailed = if case .failure = batch { true } else { false }
    let total = try communicating { () throws(CommunicationError) in
      try replicas.totals(
        weight: step.weight(of: labels), images: labels.count, isStopping: stops,
        isFailed: isFailed)
    }
    guard let batch = try batch.get(), total.stopping == 0 else { return nil }
    guard total.failed == 0 else {
      throw .communication(.endedElsewhere(ranks: total.failed))
    }
    return (batch, total)
  }

  /// The images that this machine trains on: all of them if it is alone.
  func shard(of images: some ImageSource) throws(TrainingError) -> [Int] {
    guard let communicator = replicas?.replicas.communicator else {
      return Array(images.labels.indices)
    }
    let shards = Shards.assign(groups: images.groups, count: communicator.count)
    let steps = batchCount(of: images.count, size: run.settings.batchSize)
    if let poorest = shards.map(\.count).min(), poorest < steps {
      throw .unfit(
        reason: "a machine has \(poorest) images for \(steps) steps; use fewer machines or "
          + "larger batches")
    }
    return shards[communicator.rank]
  }

  /// Brings every machine into the state of the first, and their batch norms together.
  func beginTogether() throws(TrainingError) {
    guard let replicas else { return }
    replicas.synchronize(model)
    let communicator = replicas.replicas.communicator
    let path = "state of the first machine"
    let own = communicator.rank == 0
    let bytes = try mapping { () throws(CheckpointError) in
      own ? [UInt8](try state.file(path: path).data) : []
    }
    let first = try communicating { () throws(CommunicationError) in
      try communicator.broadcast(bytes, from: 0)
    }
    guard !own else { return }
    let checkpoint = try mapping { () throws(CheckpointError) in
      let file: Safetensors
      do throws(ArrayFileError) {
        file = try Safetensors(Data(first), path: path)
      } catch {
        throw .file(error)
      }
      return try Checkpoint<TrainingRun>(file, path: path)
    }
    try resume(from: checkpoint, path: path)
  }

  /// Does something on the first machine, and has its result on all. If it fails, all of them end.
  func together<Value: Codable>(
    _ body: () throws(TrainingError) -> Value
  ) throws(TrainingError) -> Value {
    guard let communicator = replicas?.replicas.communicator else { return try body() }
    var own: Result<Value, TrainingError>?
    if communicator.rank == 0 {
      do throws(TrainingError) {
        own = .success(try body())
      } catch {
        own = .failure(error)
      }
    }
    // An empty message says that there is no result.
    let bytes = (try? own?.get()).flatMap { try? JSONCoding.encode($0) }.map(Array.init) ?? []
    let first = try communicating { () throws(CommunicationError) in
      try communicator.broadcast(bytes, from: 0)
    }
    if let own { return try own.get() }
    guard let value = try? JSONCoding.decode(Value.self, from: Data(first)) else {
      throw .communication(.endedElsewhere(ranks: 1))
    }
    return value
  }
}
