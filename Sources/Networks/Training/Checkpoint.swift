import ArrayFiles
import ConvexKit
import Foundation

// A checkpoint is one safetensors file:
//
//     model.NAME            parameters and buffers under PyTorch's names
//     optimizer.KIND.NAME   the optimizer's running averages
//     metadata              format = "convex-attention checkpoint", manifest = JSON (Manifest)
//
// Tensors are stored bit by bit and numbers in their shortest decimal form, which reads back to the
// same double: a training that goes on from a file equals one that never stopped.

/// All that a training needs in order to go on: weights, optimizer, schedule, generator, and what
/// the caller wants to find again (its configuration and history).
///
/// ```swift
/// let checkpoint = Checkpoint(
///   model: model, optimizer: optimizer, schedule: schedule, epoch: 3, generator: generator, run: run)
/// try checkpoint.write(to: url)
///
/// let found = try Checkpoint<MyRun>(contentsOf: url)
/// try found.restore(model, optimizer)
/// ```
///
/// Writing replaces the file as a whole or not at all. Restoring checks everything before it
/// changes anything.
public struct Checkpoint<Run: Codable & Sendable>: Sendable {
  /// The parameters and buffers by name.
  public var model: [String: StoredArray]
  /// The optimizer's settings, learning rate, steps and moments.
  public var optimizer: OptimizerState
  /// The learning-rate schedule, which carries its own state.
  public var schedule: LearningRateSchedule
  /// The number of epochs that are complete.
  public var epoch: Int
  /// The generator that the next epoch draws from.
  public var generator: SeededGenerator
  /// What the caller wants to find again.
  public var run: Run
  /// What to call this checkpoint in errors: the file it came from.
  public private(set) var source = "checkpoint"

  /// The state of a training, copied.
  ///
  /// - Parameters:
  ///   - model: The network.
  ///   - optimizer: Its optimizer.
  ///   - schedule: The schedule of the learning rate.
  ///   - epoch: The number of epochs that are complete.
  ///   - generator: The generator that the next epoch draws from.
  ///   - run: What the caller wants to find again.
  public init(
    model: some Module, optimizer: some Optimizer, schedule: LearningRateSchedule = .constant,
    epoch: Int, generator: SeededGenerator, run: Run
  ) {
    self.model = model.state
    self.optimizer = optimizer.state
    self.schedule = schedule
    self.epoch = epoch
    self.generator = generator
    self.run = run
  }

  /// Brings a network and its optimizer into the state of this checkpoint.
  ///
  /// - Parameters:
  ///   - model: A network with the same parameters and buffers.
  ///   - optimizer: An optimizer of the same kind for its parameters.
  /// - Throws: ``CheckpointError/mismatch(path:_:)`` with all the differences, or
  ///   ``CheckpointError/optimizerMismatch(path:expected:actual:)``. Nothing has changed then.
  public func restore(
    _ model: some Module, _ optimizer: some Optimizer
  ) throws(CheckpointError) {
    let assignModel = try model.loading(self.model, path: source)
    let assignOptimizer = try optimizer.restoring(self.optimizer, path: source)
    assignModel()
    assignOptimizer()
  }
}

// MARK: Files

extension Checkpoint {
  private static var format: String { "convex-attention checkpoint" }

  /// The numbers of a checkpoint that are not tensors.
  private struct Manifest: Codable {
    var epoch: Int
    var generator: UInt64
    var learningRate: Double
    var optimizer: OptimizerState.Settings
    var run: Run
    var schedule: LearningRateSchedule
    var steps: [String: Int]

    /// What is wrong with the numbers, which would stop or spoil a run that goes on from them.
    var fault: String? {
      if let fault = optimizer.fault ?? schedule.fault { return fault }
      if epoch < 0 { return "epoch \(epoch)" }
      if !(learningRate >= 0 && learningRate.isFinite) { return "learning rate \(learningRate)" }
      let negative = steps.filter { $0.value < 0 }.keys.sorted().first
      return negative.map { "\(steps[$0] ?? 0) steps of \($0)" }
    }
  }

  private static var version: Int { 1 }

  /// Writes a file, whole or not at all.
  ///
  /// - Parameter url: The file; one that exists is replaced.
  /// - Throws: ``CheckpointError/file(_:)``; a file that was there is unchanged then.
  public func write(to url: URL) throws(CheckpointError) {
    let file = try file(path: url.path)
    do {
      try file.write(to: url)
    } catch {
      throw .file(error)
    }
  }

  /// The content of a file.
  ///
  /// - Parameter path: What to call it in errors.
  /// - Returns: What ``write(to:)`` writes.
  /// - Throws: ``CheckpointError/notCheckpoint(path:reason:)`` if the run cannot be encoded.
  func file(path: String) throws(CheckpointError) -> Safetensors {
    let manifest = Manifest(
      epoch: epoch, generator: generator.state, learningRate: optimizer.learningRate,
      optimizer: optimizer.settings, run: run, schedule: schedule, steps: optimizer.steps)
    var file = Safetensors(metadata: [
      "format": Self.format, "version": String(Self.version),
      "manifest": try Self.encode(manifest, path: path),
    ])
    for (name, array) in model { file.arrays["model." + name] = array }
    for (name, array) in optimizer.moments { file.arrays["optimizer." + name] = array }
    return file
  }

  /// Reads a file.
  ///
  /// - Parameter url: The file.
  /// - Throws: ``CheckpointError/file(_:)``, ``CheckpointError/notCheckpoint(path:reason:)``,
  ///   ``CheckpointError/unknownVersion(path:version:known:)``.
  public init(contentsOf url: URL) throws(CheckpointError) {
    let file: Safetensors
    do {
      file = try Safetensors(contentsOf: url)
    } catch {
      throw .file(error)
    }
    try self.init(file, path: url.path)
  }

  /// Takes over the content of a file.
  ///
  /// - Parameters:
  ///   - file: The content.
  ///   - path: What to call it in errors.
  /// - Throws: As ``init(contentsOf:)``.
  init(_ file: Safetensors, path: String) throws(CheckpointError) {
    let manifest = try Self.manifest(of: file, path: path)
    optimizer = OptimizerState(
      settings: manifest.optimizer, learningRate: manifest.learningRate, steps: manifest.steps)
    (schedule, epoch, run) = (manifest.schedule, manifest.epoch, manifest.run)
    generator = SeededGenerator(seed: 0)
    generator.state = manifest.generator
    model = [:]
    source = path
    for (name, array) in file.arrays {
      if name.hasPrefix("model.") {
        model[String(name.dropFirst("model.".count))] = array
      } else if name.hasPrefix("optimizer.") {
        optimizer.moments[String(name.dropFirst("optimizer.".count))] = array
      } else {
        throw .notCheckpoint(path: path, reason: "array \"\(name)\" belongs to nothing")
      }
    }
  }

  private static func manifest(
    of file: Safetensors, path: String
  ) throws(CheckpointError) -> Manifest {
    guard file.metadata["format"] == format else {
      throw .notCheckpoint(path: path, reason: "its metadata does not say \"\(format)\"")
    }
    guard let version = file.metadata["version"].flatMap(Int.init) else {
      throw .notCheckpoint(path: path, reason: "it has no version")
    }
    guard version <= Self.version else {
      throw .unknownVersion(path: path, version: version, known: Self.version)
    }
    guard let text = file.metadata["manifest"] else {
      throw .notCheckpoint(path: path, reason: "it has no manifest")
    }
    let manifest: Manifest
    do {
      manifest = try JSONCoding.decode(Manifest.self, from: Data(text.utf8))
    } catch {
      throw .notCheckpoint(path: path, reason: "its manifest does not read: \(error)")
    }
    if let fault = manifest.fault {
      throw .notCheckpoint(path: path, reason: "its manifest makes no sense: \(fault)")
    }
    return manifest
  }

  private static func encode(
    _ manifest: Manifest, path: String
  ) throws(CheckpointError) -> String {
    do {
      return String(decoding: try JSONCoding.encode(manifest), as: UTF8.self)
    } catch {
      throw .notCheckpoint(path: path, reason: "its manifest cannot be encoded: \(error)")
    }
  }
}
