import ArrayFiles
import ConvexKit
import Foundation
import TestSupport
import Testing

// ConvexKit has one too.
import class Networks.Parameter

@testable import Networks

@Suite struct DataParallelTests {
  private let training = CornerImages.set(count: 12, seed: 1)
  private let validation = CornerImages.set(count: 6, seed: 2)

  private func network(seed: UInt64 = 7) -> UNetEncoder {
    var generator = SeededGenerator(seed: seed)
    return UNetEncoder(
      .init(channels: 1, features: 4, classes: 2, size: [16, 16]), using: &generator)
  }

  private func settings(
    epochs: Int = 3, batchSize: Int = 12, partSize: Int? = nil
  ) -> TrainingSettings {
    TrainingSettings(
      penalty: .dual, epochs: epochs, batchSize: batchSize, partSize: partSize,
      learningRate: 1e-5, schedule: .constant, classWeighting: .given([1, 3]), seed: 3)
  }

  /// The states and records of so many machines after training.
  private func trained(
    _ count: Int, _ settings: TrainingSettings, on images: ImageSet? = nil,
    statistics: Replicas.Statistics = .synchronized
  ) throws -> [(state: [String: StoredArray], run: TrainingRun)] {
    try ThreadCommunicator.run(count) { communicator in
      // Only the first machine's weights count.
      let trainer = Trainer(
        network(seed: communicator.rank == 0 ? 7 : 99), settings: settings, data: "d",
        replicas: Replicas(communicator, statistics: statistics, bucketBytes: 4096))
      let ending = try trainer.train(on: images ?? training, validation: validation)
      #expect(ending == .finished)
      return (trainer.model.state, trainer.run)
    }.map { try $0.get() }
  }

  /// The largest difference of two networks, over the largest change that training made.
  private func difference(
    _ a: [String: StoredArray], _ b: [String: StoredArray]
  ) throws -> Double {
    let start = network().state
    var (apart, moved): (Float, Float) = (0, 0)
    // The last bias of a gate has gradient 0: Adam makes steps of rounding.
    for (name, array) in a
    where array.elementType == .f32 && !name.hasSuffix("w2.bias") && !name.contains("running") {
      let (x, y) = (try array.floats(), try #require(b[name]).floats())
      apart = max(apart, maximumAbsoluteDifference(x, y))
      moved = max(moved, maximumAbsoluteDifference(x, try #require(start[name]).floats()))
    }
    return Double(apart / moved)
  }

  @Test(arguments: [1, 2, 3])
  func `machines with parts of a batch equal one with the whole, to rounding`(count: Int) throws {
    let alone = Trainer(network(), settings: settings(), data: "d")
    _ = try withOneThread { try alone.train(on: training, validation: validation) }
    let together = try trained(count, settings())
    for (state, run) in together {
      #expect(state == together[0].state)
      #expect(run.history.count == 3)
      // One machine makes the same steps to the bit; others differ by the order of sums.
      let apart = try difference(state, alone.model.state)
      #expect(count == 1 ? apart == 0 : apart < 0.05, "\(apart)")
      for (mine, its) in zip(run.history, alone.run.history) {
        #expect(abs(mine.trainingCrossEntropy - its.trainingCrossEntropy) < 1e-5)
        #expect(abs(mine.trainingPenalty - its.trainingPenalty) < 1e-5)
        #expect(mine.trainingAccuracy == its.trainingAccuracy)
      }
      // Running statistics are those of the whole batch.
      let norm = "bottleneck.bottlenecknorm1.running_var"
      let (mine, its) = (state[norm], alone.model.state[norm])
      #expect(
        maximumAbsoluteDifference(
          try #require(mine).floats(), try #require(its).floats()) < 1e-5)
    }
  }

  @Test func `local statistics are another function, averaged after each epoch`() throws {
    let alone = Trainer(network(), settings: settings(), data: "d")
    _ = try withOneThread { try alone.train(on: training, validation: validation) }
    let together = try trained(2, settings(), statistics: .local)
    #expect(together[0].state == together[1].state)
    #expect(try difference(together[0].state, alone.model.state) > 0.05)
  }

  @Test func `parts, several steps and unequal shards end alike on every machine`() throws {
    // A patient with 7 images and one with 5: 4 and 3, then 3 and 2 in a step.
    let unequal = ImageSet(
      elements: training.elements, imageShape: training.imageShape, labels: training.labels,
      groups: (0..<12).map { $0 < 7 ? 0 : 1 })
    // Batch norms meet in every part: the machines must cut alike.
    let together = try trained(2, settings(epochs: 2, batchSize: 6, partSize: 3), on: unequal)
    #expect(together[0].state == together[1].state)
    #expect(together[0].run == together[1].run)
    let totals = ReplicaStep.Totals(weight: 1, images: [7, 2, 5], stopping: 0, failed: 0)
    #expect(totals.parts(settings(partSize: nil)) == 1)
    #expect(totals.parts(settings(partSize: 4)) == 2)
    #expect(totals.parts(settings(partSize: 2)) == 2)
  }

  @Test func `patients stay whole, and shards even`() {
    // Patients of 5, 3, 2, 2 images.
    let groups = [7, 7, 7, 7, 7, 1, 1, 1, 4, 4, 2, 2]
    let shards = Shards.assign(groups: groups, count: 2)
    // 5 | 3, then 2 to the second; both have 5: the last 2 go to the first.
    #expect(shards == [[0, 1, 2, 3, 4, 8, 9], [5, 6, 7, 10, 11]])
    #expect(shards.flatMap { $0 }.sorted() == Array(groups.indices))
    for patient in Set(groups) {
      #expect(shards.count { shard in shard.contains { groups[$0] == patient } } == 1)
    }
    #expect(Shards.assign(groups: groups, count: 1) == [Array(groups.indices)])
  }

  @Test func `a machine without enough images for its steps is refused, on all`() {
    let oneGroup = ImageSet(
      elements: training.elements, imageShape: training.imageShape, labels: training.labels,
      groups: [Int](repeating: 0, count: 12))
    let results = ThreadCommunicator.run(2) { communicator in
      try Trainer(
        network(), settings: settings(), data: "d", replicas: Replicas(communicator)
      ).train(on: oneGroup, validation: validation)
    }
    for result in results {
      #expect(
        throws: TrainingError.unfit(
          reason: "a machine has 0 images for 1 steps; use fewer machines or larger batches")
      ) { try result.get() }
    }
  }

  @Test func `an image that one machine cannot read, and a file that it cannot write, end all`()
    throws
  {
    struct Gone: Error, CustomStringConvertible { let description = "gone" }
    let broken = LazyImages(imageShape: [1, 16, 16], labels: training.labels) { index in
      if index == 1 { throw Gone() }
      return training.image(at: index)
    }
    func outcomes(
      _ source: some ImageSource, _ file: URL?
    ) -> [Result<TrainingOutcome, any Error>] {
      ThreadCommunicator.run(2) { communicator in
        try Trainer(
          network(), settings: settings(), data: "d", replicas: Replicas(communicator)
        ).train(on: source, validation: validation, checkpoint: file)
      }
    }
    // Image 1 is on the second machine.
    let unreadable = outcomes(broken, nil)
    #expect(throws: TrainingError.communication(.endedElsewhere(ranks: 1))) {
      try unreadable[0].get()
    }
    #expect(
      throws: TrainingError.unreadableImage(set: "training", index: 1, reason: "gone")
    ) { try unreadable[1].get() }

    let nowhere = URL(fileURLWithPath: "/nowhere/checkpoint.safetensors")
    let unwritable = outcomes(training, nowhere)
    #expect(
      throws: TrainingError.checkpoint(
        .file(.unwritable(path: nowhere.path, reason: "No such file or directory")))
    ) { try unwritable[0].get() }
    #expect(throws: TrainingError.communication(.endedElsewhere(ranks: 1))) {
      try unwritable[1].get()
    }
  }

  @Test func `a value that is not finite on one machine stops all, with its place`() throws {
    let spoiled = LazyImages(imageShape: [1, 16, 16], labels: training.labels) { index in
      var image = training.image(at: index)
      if index == 1 { image.elements[3] = .nan }
      return image
    }
    for statistics in Replicas.Statistics.allCases {
      let results = ThreadCommunicator.run(2) { communicator in
        try Trainer(
          network(), settings: settings(), data: "d",
          replicas: Replicas(communicator, statistics: statistics)
        ).train(on: spoiled, validation: validation)
      }
      // With synchronized statistics the first machine sees it behind the first batch norm.
      let place = statistics == .local ? "conv2d" : "batch_norm_relu"
      for result in results {
        #expect(try result.get() == .diverged(epoch: 1, step: 1, primitive: place))
      }
    }
  }

  @Test func `somebody who is asked to stop stops all, and all go on from the first one's file`()
    throws
  {
    try withTemporaryDirectory { folder in
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      let whole = try trained(2, settings(epochs: 2, batchSize: 6))
      func run(_ epochs: Int, stopping: Int?) -> [Result<TrainingOutcome, any Error>] {
        ThreadCommunicator.run(2) { communicator in
          let isFirst = communicator.rank == 0
          let trainer = Trainer(
            network(seed: isFirst ? 7 : 99), settings: settings(epochs: epochs, batchSize: 6),
            data: "d", replicas: Replicas(communicator, bucketBytes: 4096))
          // Only the first machine has the file.
          if isFirst, FileManager.default.fileExists(atPath: file.path) {
            try trainer.resume(from: file)
          }
          let outcome = try trainer.train(
            on: training, validation: validation, checkpoint: isFirst ? file : nil,
            observer: TrainingObserver(shouldStop: { communicator.rank == stopping }))
          if outcome == .finished, epochs == 2 {
            #expect(trainer.model.state == whole[0].state)
          }
          return outcome
        }
      }
      #expect(try run(1, stopping: nil).map { try $0.get() } == [.finished, .finished])
      let stopped = try run(2, stopping: 1).map { try $0.get() }
      #expect(stopped == [.interrupted(epochsDone: 1), .interrupted(epochsDone: 1)])
      #expect(try run(2, stopping: nil).map { try $0.get() } == [.finished, .finished])
    }
  }

  @Test func `gradients are sent while the walk back goes on, in a fixed order`() throws {
    let model = network()
    let results = ThreadCommunicator.run(1) { communicator -> [Int] in
      let replicas = Replicas(communicator, bucketBytes: 4096)
      let sum = GradientSum(model.parameters, replicas)
      sum.begin()
      let (images, labels) = training.batch([0, 1, 2, 3])
      var sent: [Int] = []
      model(images).logits.crossEntropy(labels).backward(
        started: { sum.started($0) },
        finished: { parameter in
          sum.finished(parameter)
          sent.append(communicator.begun.count)
        })
      let all = communicator.begun.count
      try sum.complete()
      // λ is the first in the order of the buckets. It is not on the tape, and holds nothing up.
      #expect(model.marginals?.lamb.gradient == nil)
      #expect(communicator.begun.count == all)
      return sent
    }
    let sent = try #require(try results.first?.get())
    // The first bucket goes long before the walk ends, the last one with it.
    #expect(sent[sent.count / 2] >= 1 && (sent.last ?? 0) > sent[sent.count / 2])
  }

  @Test func `a parameter is finished when its last use has been visited, and once`() throws {
    let (a, b) = (Parameter(Tensor([2, 3], shape: [2])), Parameter(Tensor([5, 7], shape: [2])))
    let product = a.value * b.value
    let loss = (product * a.value).sum()  // Σ a² b
    var order: [ObjectIdentifier] = []
    var started: [Parameter] = []
    loss.backward(
      started: { started = $0 },
      finished: { parameter in
        order.append(ObjectIdentifier(parameter))
        #expect(parameter.gradient != nil)
      })
    #expect(started.count == 2)
    #expect(Set(order) == [ObjectIdentifier(a), ObjectIdentifier(b)] && order.count == 2)
    #expect(a.gradient?.elements == [20, 42] && b.gradient?.elements == [4, 9])
  }

  @Test func `errors say what to do`() {
    #expect(
      CommunicationError.notBuilt(processes: 2).description
        == "2 processes were started together, and this program was built without MPI; build it "
        + "with --traits MPI,GLPK, or start it alone")
    #expect(
      CommunicationError.mpi(operation: "MPI_Wait", code: 15, reason: "truncated").description
        == "MPI_Wait failed with code 15: truncated")
  }
}
