import ArrayFiles
import ConvexKit

/// A cone program in the arrays of a file.
///
/// ```
/// minimize  ½ xᵀP x + qᵀx   subject to   A x + s = b,   s ∈ K
/// ```
struct ConeInstance {
  let path: String
  let program: ConeProgram

  /// Whether a file is of this kind: an instance of Eq. 4 has no `b`, and no list of cones.
  static func describes(_ file: InstanceFile) -> Bool {
    file.metadata["cones"] != nil || file.has("q", "b") || file.has("P_indptr")
  }

  /// Reads a program.
  ///
  /// - Parameter file: Its file.
  /// - Throws: ``SolveError`` naming the array at fault.
  init(_ file: InstanceFile) throws {
    path = file.path
    let (q, b) = (try ConeInstance.vector("q", file), try ConeInstance.vector("b", file))
    guard let cones = file.metadata["cones"] else {
      throw SolveError.cones(
        path: path,
        reason: "the file's metadata has no list 'cones'; 'convex solve --help' has an example")
    }
    let list = try ConeList(cones, rows: b.count, path: path)
    let a = try ConeColumns("A", file)
    let constraints = try a.reading { () throws(LinearAlgebraError) in
      try SparseMatrix(
        rows: b.count, columns: q.count, columnStarts: a.starts, rowIndices: a.indices,
        values: a.values)
    }
    let quadratic = try ConeInstance.quadratic(file, order: q.count)
    do {
      program = try ConeProgram(
        minimize: q, quadratic: quadratic, constraints: constraints, rightHandSide: b,
        cones: list.cones)
    } catch {
      throw SolveError.invalidProgram(path: path, error)
    }
  }

  /// P; nil where the file has none.
  private static func quadratic(_ file: InstanceFile, order: Int) throws -> SymmetricSparseMatrix? {
    let names = ["P_indptr", "P_indices", "P_values"]
    guard names.contains(where: { file.has($0) }) else { return nil }
    let p = try ConeColumns("P", file)
    return try p.reading { () throws(LinearAlgebraError) in
      try SymmetricSparseMatrix(
        order: order, columnStarts: p.starts, rowIndices: p.indices, values: p.values)
    }
  }

  private static func vector(_ name: String, _ file: InstanceFile) throws -> Vector<Double> {
    let shape = try file.shape(name)
    guard shape.count == 1 else {
      throw SolveError.shape(
        path: file.path, array: name, expected: name == "q" ? "[n]" : "[m]", actual: shape)
    }
    return Vector(try file.doubles(name))
  }
}

/// The compressed columns of a matrix in a file, and their errors in its words.
struct ConeColumns {
  let name: String
  let path: String
  let starts: [Int]
  let indices: [Int]
  let values: [Double]

  init(_ name: String, _ file: InstanceFile) throws {
    self.name = name
    path = file.path
    starts = try file.integers("\(name)_indptr")
    indices = try file.integers("\(name)_indices")
    values = try file.doubles("\(name)_values")
  }

  /// Makes a matrix of them. The library speaks of rows where these are columns.
  func reading<Matrix>(_ body: () throws(LinearAlgebraError) -> Matrix) throws -> Matrix {
    do { return try body() } catch {
      let (array, reason) = complaint(error)
      throw SolveError.unusable(path: path, array: "\(name)_\(array)", reason: reason)
    }
  }

  private func complaint(_ error: LinearAlgebraError) -> (array: String, reason: String) {
    switch error {
    case .shapeMismatch("rowStarts", let expected, let actual):
      ("indptr", "has shape \(actual), expected \(expected): one more than there are variables")
    case .shapeMismatch("values", let expected, let actual):
      ("values", "has shape \(actual), but indptr ends at \(expected[0])")
    case .shapeMismatch(_, let expected, let actual):
      ("indices", "has shape \(actual), expected \(expected), as values")
    case .rowStartsDescend(let column):
      ("indptr", "column \(column) starts before its place; starts must ascend from 0")
    case .columnOutOfRange(let column, let row, let rows):
      ("indices", "column \(column) has an entry in row \(row); rows are 0..<\(rows)")
    case .columnsNotAscending(let column, let row):
      (
        "indices",
        "column \(column) has row \(row) twice or out of order; sum duplicates and sort indices"
      )
    case .belowDiagonal(let row, let column):
      ("indices", "entry (\(row), \(column)) lies below the diagonal; give the upper triangle only")
    case .notFinite(_, let index):
      ("values", "element \(index) is NaN or infinite; every element must be finite")
    default: ("values", "\(error)")
    }
  }
}
