import ArrayFiles
import Foundation
import Networks

/// The weights of a network and a batch, from a file.
public struct WeightsAndBatch {
  /// The weights by name.
  public let weights: [String: StoredArray]
  /// `[N, C, H, W]`
  public let images: Tensor
  /// The class of each image.
  public let labels: [Int]

  /// What a file holds.
  public init(_ url: URL) throws {
    let file = try Safetensors(contentsOf: url)
    let prefix = "weights."
    var weights: [String: StoredArray] = [:]
    for (name, array) in file.arrays where name.hasPrefix(prefix) {
      weights[String(name.dropFirst(prefix.count))] = array
    }
    self.weights = weights
    let stored = try file.array(named: "images")
    images = Tensor(try stored.floats(), shape: stored.shape)
    labels = try file.array(named: "labels").integers().map { Int($0) }
  }

  /// The rows and columns of the images.
  public var size: [Int] { Array(images.shape.suffix(2)) }
}
