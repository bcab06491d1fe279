import Dispatch
import Synchronization

/// Some images of a source as tensors.
public struct ImageBatch: Sendable {
  /// Which images of the source.
  public let indices: [Int]
  /// The images, `[N, channels, height, width]`.
  public let images: Tensor
  /// Their classes.
  public let labels: [Int]
  /// Their masks, `[N, height, width]`, if all have one.
  public let masks: Tensor?
}

/// Prepares batches on a queue of its own: the next one is read, decoded and augmented while the
/// network works on this one.
///
/// Batches come in their order, a bounded number is ready ahead of time, and what they contain does
/// not depend on timing. An image that cannot be read is thrown where its batch would have been.
/// Letting go of the loader stops the reading.
public final class BatchLoader: Sendable {
  private let queue: LoaderQueue

  /// A loader that starts to read at once.
  ///
  /// - Parameters:
  ///   - source: The images.
  ///   - name: What to call the source in errors.
  ///   - batches: The indices of each batch.
  ///   - ahead: The number of batches that may be ready before they are asked for, at least 1.
  ///   - map: What is done to each image; nil leaves it as it is.
  public init(
    _ source: any ImageSource, name: String, batches: [[Int]], ahead: Int = 2,
    map: (@Sendable (_ index: Int) -> PixelMap)? = nil
  ) {
    precondition(ahead >= 1, "BatchLoader: \(ahead) batches ahead")
    let queue = LoaderQueue(ahead: ahead)
    self.queue = queue
    DispatchQueue(label: "BatchLoader", qos: .userInitiated).async {
      for indices in batches {
        guard queue.waitForRoom() else { return }
        let result = Self.read(source, name: name, indices, map)
        queue.put(result)
        if case .failure = result { return }
      }
      queue.put(.success(nil))
    }
  }

  deinit { queue.cancel() }

  /// The next batch; nil after the last.
  ///
  /// - Throws: ``TrainingError/unreadableImage(set:index:reason:)`` or
  ///   ``TrainingError/misshapenImage(set:index:expected:actual:)``; there are no batches after that.
  public func next() throws(TrainingError) -> ImageBatch? {
    try queue.take().get()
  }

  /// Stops the reading: batches that are not ready yet will not come.
  public func cancel() { queue.cancel() }

  private static func read(
    _ source: any ImageSource, name: String, _ indices: [Int],
    _ map: (@Sendable (Int) -> PixelMap)?
  ) -> Result<ImageBatch?, TrainingError> {
    let shape = source.imageShape
    var (elements, masks): ([Float], [Float]?) = ([], [])
    elements.reserveCapacity(indices.count * shape.reduce(1, *))
    for index in indices {
      do throws(TrainingError) {
        var image = try Self.image(source, name: name, index)
        if let map {
          image = map(index).applied(
            to: image, channels: shape[0], height: shape[1], width: shape[2])
        }
        elements += image.elements
        if let mask = image.mask { masks? += mask } else { masks = nil }
      } catch {
        return .failure(error)
      }
    }
    let labels = source.labels
    return .success(
      ImageBatch(
        indices: indices, images: Tensor(elements, shape: [indices.count] + shape),
        labels: indices.map { labels[$0] },
        masks: masks.map { Tensor($0, shape: [indices.count] + shape.dropFirst()) }))
  }

  private static func image(
    _ source: any ImageSource, name: String, _ index: Int
  ) throws(TrainingError) -> SourceImage {
    let image: SourceImage
    do {
      image = try source.image(at: index)
    } catch {
      throw .unreadableImage(set: name, index: index, reason: "\(error)")
    }
    let shape = source.imageShape
    guard image.elements.count == shape.reduce(1, *) else {
      throw .misshapenImage(
        set: name, index: index, expected: shape, actual: image.elements.count)
    }
    if let mask = image.mask, mask.count != shape[1] * shape[2] {
      throw .misshapenImage(
        set: name, index: index, expected: Array(shape.dropFirst()), actual: mask.count)
    }
    return image
  }
}

/// The batches that are ready, between one producer and one consumer.
private final class LoaderQueue: Sendable {
  private typealias Item = Result<ImageBatch?, TrainingError>

  private struct State {
    var ready: [Item] = []
    var isCancelled = false
    /// The end or an error, which every later call gets again.
    var last: Item?
  }

  private let state = Mutex(State())
  private let room = DispatchSemaphore(value: 0)
  private let filled = DispatchSemaphore(value: 0)

  init(ahead: Int) {
    // A semaphore must not end with less than it was made with: it is made with nothing.
    for _ in 0..<ahead { room.signal() }
  }

  /// Waits until another batch may be made; false if nobody wants one any more.
  func waitForRoom() -> Bool {
    room.wait()
    return !state.withLock { $0.isCancelled }
  }

  func put(_ item: Result<ImageBatch?, TrainingError>) {
    state.withLock { $0.ready.append(item) }
    filled.signal()
  }

  func take() -> Result<ImageBatch?, TrainingError> {
    if let last = state.withLock({ $0.last }) { return last }
    filled.wait()
    let item = state.withLock { state -> Item in
      guard !state.isCancelled else { return .success(nil) }
      let item = state.ready.removeFirst()
      switch item {
      case .success(.some): break
      case .success(nil), .failure: state.last = item
      }
      return item
    }
    room.signal()
    return item
  }

  func cancel() {
    state.withLock { state in
      state.isCancelled = true
      state.ready = []
      state.last = .success(nil)
    }
    room.signal()
    filled.signal()
  }
}
