/// A vector of numbers, on which `+` is addition.
///
/// An array would concatenate; hence a type of its own.
public struct Vector<Scalar: LinearAlgebraScalar>: Sendable, Equatable {
  /// The elements, in order.
  public var elements: [Scalar]

  /// A vector of these elements.
  public init(_ elements: some Sequence<Scalar>) {
    self.elements = Array(elements)
  }

  /// A vector of `count` equal elements.
  public init(repeating value: Scalar, count: Int) {
    elements = Array(repeating: value, count: count)
  }

  /// xᵀy.
  ///
  /// - Parameter other: y, of the same length.
  /// - Returns: The inner product.
  public func dot(_ other: Vector) -> Scalar {
    precondition(count == other.count, "dot: lengths \(count) and \(other.count)")
    return zip(elements, other.elements).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// max_i |x_i|; 0 for a vector without elements, NaN if an element is NaN.
  public var infinityNorm: Scalar {
    elements.reduce(0) { $1.isNaN || $0.isNaN ? .nan : Swift.max($0, abs($1)) }
  }

  /// √(xᵀx), without overflow or underflow in between.
  public var euclideanNorm: Scalar {
    let scale = infinityNorm
    guard scale > 0, scale.isFinite else { return scale }
    return scale * elements.reduce(0) { $0 + ($1 / scale) * ($1 / scale) }.squareRoot()
  }

  /// x + y.
  public static func + (x: Vector, y: Vector) -> Vector {
    precondition(x.count == y.count, "+: lengths \(x.count) and \(y.count)")
    return Vector(zip(x.elements, y.elements).map { $0 + $1 })
  }

  /// x − y.
  public static func - (x: Vector, y: Vector) -> Vector {
    precondition(x.count == y.count, "-: lengths \(x.count) and \(y.count)")
    return Vector(zip(x.elements, y.elements).map { $0 - $1 })
  }

  /// a x.
  public static func * (a: Scalar, x: Vector) -> Vector {
    Vector(x.elements.map { a * $0 })
  }
}

extension Vector: RandomAccessCollection, MutableCollection {
  /// 0.
  public var startIndex: Int { 0 }
  /// The number of elements.
  public var endIndex: Int { elements.count }

  /// Element `index`.
  public subscript(index: Int) -> Scalar {
    get { elements[index] }
    set { elements[index] = newValue }
  }
}

extension Vector: ExpressibleByArrayLiteral {
  /// A vector of the listed elements.
  public init(arrayLiteral elements: Scalar...) {
    self.elements = elements
  }
}
