extension Matrix {
  /// The only element of a 1 × 1 matrix.
  public var scalar: Scalar {
    precondition(elements.count == 1, "scalar: the matrix is \(rows) × \(columns)")
    return elements[0]
  }

  /// The elements, column after column; those of a matrix of one column.
  public var vector: Vector<Scalar> { Vector(elements) }
}
