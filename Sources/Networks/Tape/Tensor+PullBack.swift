// The backward walk.
//
// Let y = f_n(… f_1(x)). With cotangents d(·) of a scalar with respect to each value, and J_k the
// derivative of application k at its inputs,
//
//     d(inputs of k) += J_kᵀ d(output of k),       k = n, …, 1,                              (1)
//
// where a value that is used several times gets one term from each use. Applications are numbered
// as they are made, so descending numbers are an order in which every use of a value comes before
// its own application: when k's turn comes its cotangent is complete.
extension Tensor {
  /// A pullback: the cotangents of an application's inputs from that of its output.
  public typealias Pullback = (_ dy: Tensor) -> [Tensor?]

  /// Walks the tape backwards from this tensor.
  ///
  /// - Parameters:
  ///   - seed: The cotangent of this tensor, of its shape; nil means ones, which for a scalar asks
  ///     for its gradient.
  ///   - kept: Intermediate tensors whose cotangents the result shall hold as well.
  ///   - releasing: Whether the tape's memory may be freed as the walk proceeds; it cannot be
  ///     walked again then.
  ///   - rule: An explainer's choice of pullback for an application; nil means the primitive's own.
  /// - Returns: The cotangents of the trainable parameters, of the inputs made by
  ///   ``differentiable()`` and of the tensors in `kept`.
  public func pullBack(
    _ seed: Tensor? = nil, keeping kept: [Tensor] = [], releasing: Bool = false,
    rule: (Application) -> Pullback? = { _ in nil }
  ) -> Gradients {
    walk(seed, keeping: kept, releasing: releasing, rule: rule, used: nil)
  }

  /// The walk; `used` hears of each use of a leaf when the use's cotangent has been added.
  private func walk(
    _ seed: Tensor?, keeping kept: [Tensor], releasing: Bool,
    rule: (Application) -> Pullback?, used: ((Leaf, inout Gradients) -> Void)?
  ) -> Gradients {
    let seed = seed?.detached() ?? Tensor(repeating: 1, shape: shape)
    precondition(
      seed.shape == shape, "pullBack: a cotangent of shape \(seed.shape) for a tensor of \(shape)")
    var gradients = Gradients()
    let wanted = Set(kept.compactMap { $0.application.map(ObjectIdentifier.init) })
    withoutRecording {
      var cotangents = Cotangents()
      cotangents.add(seed, to: origin, &gradients)
      while let (application, dy) = cotangents.popLatest() {
        if wanted.contains(ObjectIdentifier(application)) {
          gradients.keep(dy.sum, of: application)
        }
        let origins = application.operands.map { ($0.origin, $0.shape) }
        let terms = rule(application)?(dy.sum) ?? application.pullback(dy)
        precondition(
          terms.count == origins.count,
          "the pullback of \(application.primitive) returned \(terms.count) cotangents "
            + "for \(origins.count) inputs")
        if releasing { application.release() }
        for ((origin, shape), term) in zip(origins, terms) where origin.needsGradient {
          if let term {
            precondition(
              term.shape == shape,
              "the pullback of \(application.primitive) returned a cotangent of shape "
                + "\(term.shape) for an input of shape \(shape)")
            cotangents.add(term, to: origin, &gradients)
          }
          if let used, case .leaf(let leaf) = origin { used(leaf, &gradients) }
        }
      }
    }
    return gradients
  }

  /// Adds the gradient of this scalar to each trainable parameter's ``Parameter/gradient``, and
  /// frees the tape on the way.
  public func backward() {
    precondition(count == 1, "backward: a tensor of shape \(shape) has no gradient; pullBack has")
    pullBack(releasing: true).accumulate()
  }

  /// As ``backward()``, and tells of each parameter as soon as its gradient is complete, while the walk
  /// goes on: after its last use on the tape has been visited.
  ///
  /// Parameters whose uses are not all reached (a pullback may return nothing for an input) are told of
  /// at the end, if they have a gradient.
  ///
  /// - Parameters:
  ///   - started: Told first which parameters are on the tape; the others get no gradient.
  ///   - finished: Told of each parameter whose gradient is complete.
  func backward(started: ([Parameter]) -> Void, finished: (Parameter) -> Void) {
    precondition(count == 1, "backward: a tensor of shape \(shape) has no gradient; pullBack has")
    var uses: [ObjectIdentifier: Int] = [:]
    var used: [Parameter] = []
    for input in tape().flatMap(\.operands) where input.needsGradient {
      guard case .leaf(let leaf) = input.origin else { continue }
      if uses.updateValue((uses[ObjectIdentifier(leaf)] ?? 0) + 1, forKey: ObjectIdentifier(leaf))
        == nil, let parameter = leaf.parameter
      {
        used.append(parameter)
      }
    }
    started(used)
    func finish(_ leaf: Leaf, _ gradient: Tensor) {
      guard let parameter = leaf.parameter else { return }
      parameter.accumulate(gradient)
      finished(parameter)
    }
    let rest = withoutActuallyEscaping(finish) { finish in
      walk(nil, keeping: [], releasing: true, rule: { _ in nil }) { leaf, gradients in
        uses[ObjectIdentifier(leaf), default: 1] -= 1
        guard uses[ObjectIdentifier(leaf)] == 0, let gradient = gradients.take(leaf) else { return }
        finish(leaf, gradient)
      }
    }
    rest.forEach(finish)
  }

  /// The first application on the tape whose value has an element that is not finite.
  ///
  /// For a loss that became NaN: names the primitive where that began. Walk it before the tape is
  /// released.
  public func firstNonFiniteApplication() -> Application? {
    var known: [ObjectIdentifier: Tensor] = [:]
    return tape().first { !Elementwise.isFinite($0.output(&known)) }
  }

  /// The applications that led to this tensor, in the order in which they were made.
  public func tape() -> [Application] {
    var found: [ObjectIdentifier: Application] = [:]
    var waiting = application.map { [$0] } ?? []
    while let application = waiting.popLast() {
      guard found.updateValue(application, forKey: ObjectIdentifier(application)) == nil
      else { continue }
      waiting += application.operands.compactMap(\.application)
    }
    return found.values.sorted { $0.number < $1.number }
  }
}

/// The cotangents of applications that the walk has yet to visit.
///
/// Uses of a value are found in descending order of their numbers, so a heap on the number yields
/// each application after all its uses, without a pass over the tape beforehand.
private struct Cotangents {
  private var waiting: [ObjectIdentifier: Cotangent] = [:]
  private var heap: [Application] = []

  mutating func add(_ term: Tensor, to origin: Origin, _ gradients: inout Gradients) {
    switch origin {
    case .constant: break
    case .leaf(let leaf): gradients.add(term.detached(), to: leaf)
    case .application(let application):
      let key = ObjectIdentifier(application)
      if let known = waiting[key] {
        known.add(term)
      } else {
        waiting[key] = Cotangent(term)
        push(application)
      }
    }
  }

  mutating func popLatest() -> (Application, Cotangent)? {
    guard let application = popHeap() else { return nil }
    guard let dy = waiting.removeValue(forKey: ObjectIdentifier(application)) else {
      preconditionFailure("an application waits without a cotangent")
    }
    return (application, dy)
  }

  private mutating func push(_ application: Application) {
    heap.append(application)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[parent].number < heap[child].number else { break }
      heap.swapAt(parent, child)
      child = parent
    }
  }

  private mutating func popHeap() -> Application? {
    guard let top = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return top }
    heap[0] = last
    var parent = 0
    while true {
      var largest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && heap[child].number > heap[largest].number { largest = child }
      if largest == parent { return top }
      heap.swapAt(parent, largest)
      parent = largest
    }
  }
}
