/// A sparse matrix in compressed columns whose values the solver scales in place.
final class ColumnMatrix {
  let rows: Int
  let columns: Int
  let starts: UnsafeMutablePointer<Int32>
  let indices: UnsafeMutablePointer<Int32>
  let values: UnsafeMutablePointer<Double>
  let count: Int
  private let arena = Arena()

  init(rows: Int, columns: Int, starts: [Int], indices: [Int]) {
    self.rows = rows
    self.columns = columns
    self.starts = arena.indices(starts)
    self.indices = arena.indices(indices)
    count = indices.count
    values = arena.numbers(count)
  }

  /// y = A x and t = Aᵀ v in one pass over A.
  func multiply(
    _ x: UnsafeMutablePointer<Double>, into y: UnsafeMutablePointer<Double>,
    transposed v: UnsafeMutablePointer<Double>, into t: UnsafeMutablePointer<Double>
  ) {
    y.update(repeating: 0, count: rows)
    for column in 0..<columns {
      let xc = x[column]
      var sum = 0.0
      for entry in Int(starts[column])..<Int(starts[column + 1]) {
        let (row, value) = (Int(indices[entry]), values[entry])
        y[row] += value * xc
        sum += value * v[row]
      }
      t[column] = sum
    }
  }

  /// y = P x for the symmetric matrix whose upper triangle this is.
  func multiplySymmetric(
    _ x: UnsafeMutablePointer<Double>, into y: UnsafeMutablePointer<Double>
  ) {
    y.update(repeating: 0, count: rows)
    if count == 0 { return }
    for column in 0..<columns {
      let xc = x[column]
      var sum = 0.0
      for entry in Int(starts[column])..<Int(starts[column + 1]) {
        let (row, value) = (Int(indices[entry]), values[entry])
        y[row] += value * xc
        sum += row == column ? 0 : value * x[row]
      }
      y[column] += sum
    }
  }
}
