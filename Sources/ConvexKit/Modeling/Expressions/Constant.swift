/// What can be an argument of an atom: an expression, or numbers.
public protocol ExpressionConvertible: Sendable {
  /// The expression.
  var expression: Expression { get }
}

extension Expression: ExpressionConvertible {
  /// Itself.
  public var expression: Expression { self }
}

/// Numbers that can stand in an expression beside variables, or be the value of a parameter.
public protocol Constant: ExpressionConvertible {
  /// The numbers; a vector is a matrix of one column, a number one of one element.
  var matrix: Matrix<Double> { get }
}

extension Double: Constant {
  /// This number as an expression.
  public var expression: Expression { Expression(constant: .dense(matrix)) }
  /// This number as a matrix of one element.
  public var matrix: Matrix<Double> { Matrix(rows: 1, columns: 1, elements: [self]) }
}

extension Int: Constant {
  /// This number as an expression.
  public var expression: Expression { Double(self).expression }
  /// This number as a matrix of one element.
  public var matrix: Matrix<Double> { Double(self).matrix }
}

extension Vector: ExpressionConvertible, Constant where Scalar == Double {
  /// These numbers as an expression.
  public var expression: Expression { Expression(constant: .dense(matrix)) }
  /// These numbers as a matrix of one column.
  public var matrix: Matrix<Double> { Matrix(rows: count, columns: 1, elements: elements) }
}

extension Matrix: ExpressionConvertible, Constant where Scalar == Double {
  /// These numbers as an expression.
  public var expression: Expression { Expression(constant: .dense(self)) }
  /// Itself.
  public var matrix: Matrix<Double> { self }
}

extension SparseMatrix: ExpressionConvertible, Constant where Scalar == Double {
  /// These numbers as an expression; it stays sparse.
  public var expression: Expression { Expression(constant: .sparse(self)) }
  /// These numbers with all their zeros.
  public var matrix: Matrix<Double> {
    var dense = Matrix<Double>(
      rows: rows, columns: columns, elements: Array(repeating: 0, count: rows * columns))
    for row in 0..<rows {
      for entry in rowStarts[row]..<rowStarts[row + 1] {
        dense.elements[row + columnIndices[entry] * rows] = values[entry]
      }
    }
    return dense
  }
}

/// The numbers of a constant, dense or sparse.
enum ConstantData: Sendable {
  case dense(Matrix<Double>)
  case sparse(SparseMatrix<Double>)

  var shape: Shape {
    switch self {
    case .dense(let matrix): Shape(rows: matrix.rows, columns: matrix.columns)
    case .sparse(let matrix): Shape(rows: matrix.rows, columns: matrix.columns)
    }
  }

  /// The numbers that are stored: all, or those that may differ from 0.
  var stored: [Double] {
    switch self {
    case .dense(let matrix): matrix.elements
    case .sparse(let matrix): matrix.values
    }
  }

  var matrix: Matrix<Double> {
    switch self {
    case .dense(let matrix): matrix
    case .sparse(let matrix): matrix.matrix
    }
  }
}
