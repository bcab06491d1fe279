import ArrayFiles
import ConvexKit
import Foundation
import Networks
import TestSupport
import Testing

// ConvexKit has one too.
import class Networks.Parameter

@Suite struct CheckpointTests {
  private struct Net: Module {
    let conv: Conv2D
    let norm: BatchNorm2D
    let fc: Linear

    init(seed: UInt64, channels: Int = 20) {
      var generator = SeededGenerator(seed: seed)
      conv = Conv2D(
        inputs: 3, outputs: channels, kernel: [3, 3], hasBias: false, using: &generator)
      norm = BatchNorm2D(channels: channels)
      fc = Linear(inputs: channels, outputs: 2, using: &generator)
    }
  }

  /// What this training wants to find again.
  private struct Run: Codable, Equatable {
    var name = "run"
    var losses: [Double] = []
  }

  /// A small training that can be stopped between any two epochs.
  private struct Training {
    let net: Net
    let optimizer: any Optimizer
    var schedule = LearningRateSchedule.plateau(ReduceLROnPlateau(factor: 0.5, patience: 0))
    var epoch = 0
    var generator = SeededGenerator(seed: 7)
    var run = Run()

    init(seed: UInt64, _ make: ([(name: String, parameter: Parameter)]) -> any Optimizer) {
      net = Net(seed: seed)
      optimizer = make(net.namedParameters())
    }

    mutating func runEpoch() {
      var sum = 0.0
      for _ in 0..<2 {
        let noise = (0..<4 * 3 * 36).map { _ in Float(generator.normal()) }
        let x = Tensor(noise, shape: [4, 3, 6, 6])
        let loss = net.fc(net.norm.relu(net.conv(x)).mean(axes: [2, 3])).crossEntropy([0, 1, 1, 0])
        sum += Double(loss.item)
        net.clearGradients()
        loss.backward()
        optimizer.step()
      }
      run.losses.append(sum)
      optimizer.learningRate = schedule.rate(
        afterEpoch: epoch, metric: sum, learningRate: optimizer.learningRate)
      epoch += 1
    }

    var checkpoint: Checkpoint<Run> {
      Checkpoint(
        model: net, optimizer: optimizer, schedule: schedule, epoch: epoch, generator: generator,
        run: run)
    }

    mutating func resume(from checkpoint: Checkpoint<Run>) throws {
      try checkpoint.restore(net, optimizer)
      (schedule, epoch) = (checkpoint.schedule, checkpoint.epoch)
      (generator, run) = (checkpoint.generator, checkpoint.run)
    }
  }

  private static let optimizers:
    [@Sendable ([(name: String, parameter: Parameter)]) -> any Optimizer] =
      [
        { Adam($0, learningRate: 0.01) },
        {
          Adam(
            $0, learningRate: 0.01,
            settings: .init(weightDecay: 0.1, decoupled: true, amsgrad: true))
        },
        { SGD($0, learningRate: 0.1, settings: .init(momentum: 0.9)) },
        { SGD($0, learningRate: 0.1) },
      ]

  @Test(arguments: 0..<4)
  func `a training that goes on from a file equals one that never stopped, bit by bit`(
    kind: Int
  ) throws {
    try withTemporaryDirectory { folder in
      let url = folder.appending(path: "last.safetensors")
      var whole = Training(seed: 1, Self.optimizers[kind])
      for _ in 0..<6 { whole.runEpoch() }

      var before = Training(seed: 1, Self.optimizers[kind])
      for _ in 0..<3 { before.runEpoch() }
      try before.checkpoint.write(to: url)
      var after = Training(seed: 2, Self.optimizers[kind])
      after.runEpoch()  // a training that has gone somewhere else is brought back
      try after.resume(from: Checkpoint(contentsOf: url))
      #expect(after.run == before.run)
      for _ in 0..<3 { after.runEpoch() }

      #expect(after.net.state == whole.net.state)
      #expect(after.optimizer.state == whole.optimizer.state)
      #expect(after.schedule == whole.schedule)
      #expect(after.generator == whole.generator)
      #expect(after.run == whole.run)
      #expect(after.epoch == 6)
    }
  }

  @Test func `the same state gives the same bytes`() throws {
    try withTemporaryDirectory { folder in
      var training = Training(seed: 1, Self.optimizers[0])
      training.runEpoch()
      let (a, b) = (folder.appending(path: "a"), folder.appending(path: "b"))
      try training.checkpoint.write(to: a)
      try training.checkpoint.write(to: b)
      #expect(try Data(contentsOf: a) == Data(contentsOf: b))
    }
  }

  @Test func `losses that are not finite are kept`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appending(path: "last.safetensors")
      var training = Training(seed: 1, Self.optimizers[0])
      training.run.losses = [1, .infinity, -.infinity, .nan]
      try training.checkpoint.write(to: url)
      let losses = try Checkpoint<Run>(contentsOf: url).run.losses
      #expect(losses[...2] == [1, .infinity, -.infinity])
      #expect(losses[3].isNaN)
    }
  }

  @Test func `a file cut anywhere is an error that names it`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appending(path: "last.safetensors")
      var training = Training(seed: 1, Self.optimizers[0])
      training.runEpoch()
      try training.checkpoint.write(to: url)
      let bytes = try Data(contentsOf: url)
      for count in [0, 7, 8, 100, bytes.count / 2, bytes.count - 1] {
        try bytes.prefix(count).write(to: url)
        #expect {
          _ = try Checkpoint<Run>(contentsOf: url)
        } throws: { error in
          guard case .file(let error) = error as? CheckpointError else { return false }
          return error.description.hasPrefix(url.path)
        }
        #expect(try Data(contentsOf: url) == bytes.prefix(count))
      }
    }
  }

  @Test func `files that are no checkpoints are told apart`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appending(path: "other.safetensors")
      func expect(_ error: CheckpointError) {
        #expect(throws: error) { _ = try Checkpoint<Run>(contentsOf: url) }
      }
      let format = "convex-attention checkpoint"
      try Net(seed: 1).save(to: url)
      expect(
        .notCheckpoint(path: url.path, reason: "its metadata does not say \"\(format)\""))
      try Safetensors(metadata: ["format": format]).write(to: url)
      expect(.notCheckpoint(path: url.path, reason: "it has no version"))
      try Safetensors(metadata: ["format": format, "version": "2"]).write(to: url)
      expect(.unknownVersion(path: url.path, version: 2, known: 1))
      try Safetensors(metadata: ["format": format, "version": "1"]).write(to: url)
      expect(.notCheckpoint(path: url.path, reason: "it has no manifest"))
      let text = Safetensors(metadata: ["format": format, "version": "1", "manifest": "{}"])
      try text.write(to: url)
      #expect {
        _ = try Checkpoint<Run>(contentsOf: url)
      } throws: { error in
        guard case .notCheckpoint(url.path, let reason) = error as? CheckpointError
        else { return false }
        return reason.hasPrefix("its manifest does not read")
      }
    }
  }

  /// A text of the manifest, what takes its place, and what is then wrong.
  @Test(
    arguments: [
      ("\"tMult\":2", "\"tMult\":0", "CosineAnnealing: tMult must be at least 1, not 0"),
      ("\"tMax\":4", "\"tMax\":0", "CosineAnnealing: tMax must be at least 1, not 0"),
      ("\"beta1\":0.5", "\"beta1\":1", "Adam: betas must be in [0, 1), not (1.0, 0.75)"),
      ("\"eps\":0.25", "\"eps\":-1", "Adam: eps must be positive, not -1.0"),
      ("\"epoch\":3", "\"epoch\":-3", "epoch -3"),
      ("\"learningRate\":0.125", "\"learningRate\":\"nan\"", "learning rate nan"),
      ("\"fc.bias\":2", "\"fc.bias\":-2", "-2 steps of fc.bias"),
    ])
  func `a manifest whose numbers would stop or spoil a run is refused`(
    text: String, replacement: String, fault: String
  ) throws {
    try withTemporaryDirectory { folder in
      let url = folder.appending(path: "last.safetensors")
      var training = Training(seed: 1) {
        Adam($0, learningRate: 0.125, settings: .init(betas: (0.5, 0.75), eps: 0.25))
      }
      training.schedule = .constant
      training.runEpoch()
      training.schedule = .cosine(CosineAnnealing(learningRate: 0.1, tMax: 4, tMult: 2))
      training.epoch = 3
      try training.checkpoint.write(to: url)
      var file = try Safetensors(contentsOf: url)
      let manifest = try #require(file.metadata["manifest"])
      let changed = manifest.replacingOccurrences(of: text, with: replacement)
      #expect(changed != manifest)
      file.metadata["manifest"] = changed
      try file.write(to: url)
      #expect(
        throws: CheckpointError.notCheckpoint(
          path: url.path, reason: "its manifest makes no sense: \(fault)")
      ) { _ = try Checkpoint<Run>(contentsOf: url) }
    }
  }

  @Test func `a plateau and a descent that a file gives wrongly are refused`() throws {
    let schedules: [(LearningRateSchedule, String, String)] = [
      (
        .plateau(ReduceLROnPlateau(factor: 0.5)), "\"factor\":0.5",
        "ReduceLROnPlateau: the factor must be in (0, 1), not 1.5"
      ),
      (
        .constant, "\"nesterov\":false",
        "SGD: Nesterov's momentum needs a momentum and no dampening"
      ),
    ]
    for (schedule, text, fault) in schedules {
      try withTemporaryDirectory { folder in
        let url = folder.appending(path: "last.safetensors")
        var training = Training(seed: 1) { SGD($0) }
        training.schedule = schedule
        try training.checkpoint.write(to: url)
        var file = try Safetensors(contentsOf: url)
        let manifest = try #require(file.metadata["manifest"])
        let replacement = text.contains("factor") ? "\"factor\":1.5" : "\"nesterov\":true"
        file.metadata["manifest"] = manifest.replacingOccurrences(of: text, with: replacement)
        try file.write(to: url)
        #expect(
          throws: CheckpointError.notCheckpoint(
            path: url.path, reason: "its manifest makes no sense: \(fault)")
        ) { _ = try Checkpoint<Run>(contentsOf: url) }
      }
    }
  }

  @Test func `an array that belongs to nothing is refused`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appending(path: "last.safetensors")
      try Training(seed: 1, Self.optimizers[0]).checkpoint.write(to: url)
      var file = try Safetensors(contentsOf: url)
      file.arrays["stray"] = StoredArray([1] as [Float], shape: [1])
      try file.write(to: url)
      #expect(
        throws: CheckpointError.notCheckpoint(
          path: url.path, reason: "array \"stray\" belongs to nothing")
      ) { _ = try Checkpoint<Run>(contentsOf: url) }
    }
  }

  @Test func `a checkpoint that does not fit changes neither network nor optimizer`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appending(path: "last.safetensors")
      var training = Training(seed: 1, Self.optimizers[0])
      training.runEpoch()
      try training.checkpoint.write(to: url)
      let checkpoint = try Checkpoint<Run>(contentsOf: url)

      // The optimizer does not fit: the network, which does, must stay as it is too.
      let other = Training(seed: 2, Self.optimizers[2])
      let state = other.net.state
      #expect(
        throws: CheckpointError.optimizerMismatch(path: url.path, expected: "SGD", actual: "Adam")
      ) { try checkpoint.restore(other.net, other.optimizer) }
      #expect(other.net.state == state)

      // The network does not fit.
      let wide = Net(seed: 2, channels: 24)
      let adam = Adam(wide.namedParameters())
      #expect {
        try checkpoint.restore(wide, adam)
      } throws: { error in
        guard case .mismatch(url.path, let mismatch) = error as? CheckpointError
        else { return false }
        return mismatch.misshapen.count == 6 && mismatch.missing.isEmpty && mismatch.extra.isEmpty
      }
      #expect(adam.state.steps.isEmpty)
    }
  }

  @Test func `a folder that does not exist is an error with the file's name`() {
    let url = URL(filePath: "/nonexistent/folder/last.safetensors")
    #expect {
      try Training(seed: 1, Self.optimizers[0]).checkpoint.write(to: url)
    } throws: { error in
      guard case .file(.unwritable(url.path, _)) = error as? CheckpointError else { return false }
      return true
    }
  }
}
