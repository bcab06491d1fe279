// Gradients are copied into buckets, row-major, parameters in reverse order. A bucket of k parameters
// ends with k numbers, 1 where this machine has a gradient and 0 where not:
//
//     [ g_1 … g_k | 1 0 … ]
//
// It is sent when all of its parameters are finished and all buckets before it have been sent.

/// Adds the gradients of all machines up, while the backward walk goes on.
final class GradientSum {
  private struct Bucket {
    var parameters: [Parameter]
    /// Where each parameter's gradient begins.
    var offsets: [Int]
    let memory: Memory
    let count: Int
    var unfinished: Int
    var pending: (any PendingSum)?
  }

  private let communicator: any Communicator
  private var buckets: [Bucket] = []
  /// The bucket and the place in it of each parameter.
  private var places: [ObjectIdentifier: (bucket: Int, index: Int)] = [:]
  private var nextToSend = 0
  private var error: CommunicationError?

  /// Sums of the gradients of trainable parameters.
  ///
  /// - Parameters:
  ///   - parameters: The network's parameters in their order.
  ///   - replicas: The machines.
  init(_ parameters: [Parameter], _ replicas: Replicas) {
    communicator = replicas.communicator
    var (members, offsets, count): ([Parameter], [Int], Int) = ([], [], 0)
    func close() {
      guard !members.isEmpty else { return }
      for (index, parameter) in members.enumerated() {
        places[ObjectIdentifier(parameter)] = (buckets.count, index)
      }
      buckets.append(
        Bucket(
          parameters: members, offsets: offsets, memory: Memory(count: count + members.count),
          count: count, unfinished: members.count))
      (members, offsets, count) = ([], [], 0)
    }
    for parameter in parameters.reversed() where parameter.isTrainable {
      members.append(parameter)
      offsets.append(count)
      count += parameter.shape.reduce(1, *)
      if 4 * count >= replicas.bucketBytes { close() }
    }
    close()
  }

  /// Makes ready for the next step.
  func begin() {
    nextToSend = 0
    error = nil
    for index in buckets.indices {
      buckets[index].unfinished = buckets[index].parameters.count
      buckets[index].memory.clear()
    }
  }

  /// Takes note that a walk back has begun that will find gradients of no other parameters than these.
  func started(_ used: [Parameter]) {
    let used = Set(used.map { ObjectIdentifier($0) })
    for bucket in buckets {
      for parameter in bucket.parameters where !used.contains(ObjectIdentifier(parameter)) {
        finished(parameter)
      }
    }
  }

  /// Takes over a parameter's gradient, which is complete on this machine.
  func finished(_ parameter: Parameter) {
    guard let (bucket, index) = places[ObjectIdentifier(parameter)] else { return }
    let offset = buckets[bucket].offsets[index]
    let memory = buckets[bucket].memory.floats
    parameter.gradient?.withElements { elements in
      guard let source = elements.baseAddress else { return }
      (memory + offset).update(from: source, count: elements.count)
    }
    memory[buckets[bucket].count + index] = parameter.gradient == nil ? 0 : 1
    buckets[bucket].unfinished -= 1
    send { $0.unfinished == 0 }
    proceed()
  }

  /// Sends what is left, waits for everything, and gives each parameter the sum of its gradients.
  func complete() throws(CommunicationError) {
    send { _ in true }
    if let error { throw error }
    for bucket in buckets {
      try bucket.pending?.wait()
      for (index, parameter) in bucket.parameters.enumerated() {
        let shape = parameter.shape
        let source = bucket.memory.floats + bucket.offsets[index]
        guard bucket.memory.floats[bucket.count + index] > 0 else { continue }
        parameter.gradient = Tensor(shape: shape) { gradient in
          gradient.baseAddress?.update(from: source, count: gradient.count)
        }
      }
    }
    for index in buckets.indices { buckets[index].pending = nil }
  }

  private func send(while isReady: (Bucket) -> Bool) {
    while nextToSend < buckets.count, error == nil, isReady(buckets[nextToSend]) {
      let bucket = buckets[nextToSend]
      let values = UnsafeMutableBufferPointer(
        start: bucket.memory.floats, count: bucket.count + bucket.parameters.count)
      do throws(CommunicationError) {
        buckets[nextToSend].pending = try communicator.beginSum(values)
      } catch {
        self.error = error
      }
      nextToSend += 1
    }
  }

  private func proceed() {
    for bucket in buckets[..<nextToSend] where error == nil {
      do throws(CommunicationError) {
        try bucket.pending?.proceed()
      } catch {
        self.error = error
      }
    }
  }
}
