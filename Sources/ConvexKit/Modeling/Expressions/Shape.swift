/// The extent of an expression: vectors are n × 1, numbers 1 × 1. Elements are in column-major order.
struct Shape: Sendable, Equatable {
  let rows: Int
  let columns: Int

  var count: Int { rows * columns }
  var isScalar: Bool { rows == 1 && columns == 1 }
  static let scalar = Shape(rows: 1, columns: 1)

  /// The shape of an operation element by element, where numbers stand for all elements.
  static func broadcast(_ name: String, _ shapes: [Shape]) -> Shape {
    var result = Shape.scalar
    for shape in shapes where !shape.isScalar {
      precondition(
        result.isScalar || result == shape, "\(name): shapes \(result) and \(shape) differ")
      result = shape
    }
    return result
  }
}

extension Shape: CustomStringConvertible {
  var description: String { columns == 1 ? "\(rows)" : "\(rows)×\(columns)" }
}
