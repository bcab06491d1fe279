/// The cotangent of an application's output as the backward walk has collected it: the sum of one
/// term from each use of the value, the last of them not yet added.
///
/// A pullback that passes over memory anyway adds the last term on the way (``takeTerms()``);
/// every other one asks for the ``sum``. Nobody else holds the terms of a cotangent whose value was
/// used once, so that their memory can be the result's.
final class Cotangent {
  private var first: Tensor?
  private var second: Tensor?
  private let shape: [Int]

  init(_ term: Tensor) {
    first = term.detached()
    shape = term.shape
  }

  /// Adds the term of another use.
  func add(_ term: Tensor) {
    first = sum
    second = term.detached()
  }

  /// Turns the terms into Float32.
  func widen() {
    (first, second) = (first?.inFloat32(), second?.inFloat32())
  }

  /// The sum of the terms.
  var sum: Tensor {
    guard let first else {
      preconditionFailure("a cotangent of shape \(shape) was taken twice")
    }
    guard let last = second else { return first }
    let sum = ProfileRecorder.timing("sum of cotangents", .pullback) {
      Elementwise.add(first, last)
    }
    (self.first, second) = (sum, nil)
    return sum
  }

  /// The sum of the terms; nothing is left, so that its memory can be the result's.
  func takeSum() -> Tensor {
    defer { (first, second) = (nil, nil) }
    return sum
  }

  /// The sum as two terms, or one; nothing is left.
  func takeTerms() -> (Tensor, Tensor?) {
    guard let taken = first else {
      preconditionFailure("a cotangent of shape \(shape) was taken twice")
    }
    defer { (first, second) = (nil, nil) }
    return (taken, second)
  }
}
