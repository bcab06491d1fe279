/// A dense matrix, column-major as LAPACK has it.
public struct Matrix<Scalar: LinearAlgebraScalar>: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The elements, column after column.
  public var elements: [Scalar]

  /// A matrix from its elements, column after column.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - elements: `rows · columns` elements.
  public init(rows: Int, columns: Int, elements: [Scalar]) {
    precondition(
      rows >= 0 && columns >= 0 && elements.count == rows * columns,
      "Matrix: \(elements.count) elements for \(rows) × \(columns)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// A matrix whose element (i, j) is `element(i, j)`.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - element: The element in row i and column j.
  public init(rows: Int, columns: Int, _ element: (_ i: Int, _ j: Int) -> Scalar) {
    var elements: [Scalar] = []
    elements.reserveCapacity(rows * columns)
    for j in 0..<columns { for i in 0..<rows { elements.append(element(i, j)) } }
    self.init(rows: rows, columns: columns, elements: elements)
  }

  /// Element (i, j).
  public subscript(i: Int, j: Int) -> Scalar {
    get {
      precondition(i < rows && j < columns, "Matrix: (\(i), \(j)) of \(rows) × \(columns)")
      return elements[i + j * rows]
    }
    set {
      precondition(i < rows && j < columns, "Matrix: (\(i), \(j)) of \(rows) × \(columns)")
      elements[i + j * rows] = newValue
    }
  }

  /// A x.
  public static func * (a: Matrix, x: Vector<Scalar>) -> Vector<Scalar> {
    precondition(x.count == a.columns, "A x: \(a.rows) × \(a.columns) and length \(x.count)")
    var y = Vector<Scalar>(repeating: 0, count: a.rows)
    for j in 0..<a.columns { for i in 0..<a.rows { y[i] += a.elements[i + j * a.rows] * x[j] } }
    return y
  }
}
