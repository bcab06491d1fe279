import ArrayFiles
import ConvexKit

/// The parameters of an optimizer, with the steps each one took and its moments.
struct ParameterSlots {
  /// One parameter.
  struct Slot {
    let name: String
    let parameter: Parameter
    /// The steps it took.
    var steps = 0
    /// Its running averages, in the order of the kinds; none before the first step.
    var moments: [Moment] = []
  }

  /// The pieces of memory that one call of a kernel works on.
  struct Piece {
    let count: Int
    let value: UnsafeMutablePointer<Float>
    let gradient: UnsafePointer<Float>
    let moments: [UnsafeMutablePointer<Float>]
  }

  private(set) var slots: [Slot]

  init(_ parameters: [(name: String, parameter: Parameter)]) {
    slots = parameters.map { Slot(name: $0.name, parameter: $0.parameter) }
  }

  /// Fewer elements than this are not worth another thread.
  private static let minimumPerThread = 32_768

  /// Applies an elementwise rule to every trainable parameter that has a gradient.
  ///
  /// A rule sees value, gradient and moments element by element in whatever order they lie, the
  /// same for all of them; the result does not depend on how they are split over threads.
  ///
  /// - Parameters:
  ///   - momentCount: The number of running averages that the rule keeps.
  ///   - rule: Gets the number of the step that the parameter takes, the first being 1, and
  ///     returns the kernel.
  mutating func update(
    momentCount: Int, rule: (_ step: Int) -> @Sendable (_ piece: Piece) -> Void
  ) {
    ProfileRecorder.timing("optimizer", .pullback) { updateAll(momentCount, rule) }
  }

  private mutating func updateAll(
    _ momentCount: Int, _ rule: (_ step: Int) -> @Sendable (_ piece: Piece) -> Void
  ) {
    for index in slots.indices {
      let parameter = slots[index].parameter
      guard parameter.isTrainable, let gradient = parameter.gradient else { continue }
      slots[index].steps += 1
      let kernel = rule(slots[index].steps)
      parameter.update { buffer, layout in
        let lying = gradient.inLayout(layout ?? .plain(gradient.shape))
        while slots[index].moments.count < momentCount {
          slots[index].moments.append(Moment(zerosLike: lying))
        }
        var moments: [UnsafeMutablePointer<Float>] = []
        for kind in 0..<momentCount {
          moments.append(slots[index].moments[kind].storage(like: lying))
        }
        guard let value = buffer.baseAddress else { return }
        let whole = Piece(
          count: buffer.count, value: value, gradient: UnsafePointer(lying.memory.floats),
          moments: moments)
        Self.run(kernel, on: whole)
        withExtendedLifetime(lying) {}
      }
    }
  }

  private static func run(_ kernel: @Sendable (Piece) -> Void, on whole: Piece) {
    // The ranges are disjoint, so that no two threads touch the same element.
    nonisolated(unsafe) let whole = whole
    Parallel.forEachRange(count: whole.count, minimumPerThread: minimumPerThread) { range in
      kernel(
        Piece(
          count: range.count, value: whole.value + range.lowerBound,
          gradient: whole.gradient + range.lowerBound,
          moments: whole.moments.map { $0 + range.lowerBound }))
    }
  }

  // MARK: State

  /// The steps by parameter.
  var steps: [String: Int] {
    var steps: [String: Int] = [:]
    for slot in slots where slot.steps > 0 { steps[slot.name] = slot.steps }
    return steps
  }

  /// The moments under their kinds and the parameters' names.
  func moments(kinds: [String]) -> [String: StoredArray] {
    var arrays: [String: StoredArray] = [:]
    for slot in slots {
      for (kind, moment) in zip(kinds, slot.moments) {
        arrays["\(kind).\(slot.name)"] = StoredArray(moment.elements, shape: moment.shape)
      }
    }
    return arrays
  }

  /// These slots with the steps and moments of a state, or the error that says how it differs.
  func restored(
    from state: OptimizerState, kinds: [String], path: String
  ) throws(CheckpointError) -> ParameterSlots {
    var needed: [String: [Int]] = [:]
    for slot in slots where state.steps[slot.name] != nil {
      for kind in kinds { needed["\(kind).\(slot.name)"] = slot.parameter.shape }
    }
    let known = Set(slots.map(\.name))
    var mismatch = StateMismatch(needed: needed, in: state.moments)
    mismatch.extra += state.steps.keys.filter { !known.contains($0) }.sorted()
    guard mismatch.isEmpty else { throw .mismatch(path: path, mismatch) }

    var restored = self
    for index in slots.indices {
      let slot = slots[index]
      restored.slots[index].steps = state.steps[slot.name] ?? 0
      restored.slots[index].moments = []
      guard state.steps[slot.name] != nil else { continue }
      for kind in kinds {
        guard let array = state.moments["\(kind).\(slot.name)"] else { continue }
        do {
          restored.slots[index].moments.append(Moment(try array.floats(), shape: array.shape))
        } catch {
          throw .file(error)
        }
      }
    }
    return restored
  }
}
