/// A problem as a cone program whose numbers are functions of the parameters.
///
/// ```
/// minimize  ½ xᵀP x + qᵀx + d   subject to   A x + s = b,  s ∈ K
/// P, q, d, A, b  =  constant + M θ⁺,   one sparse M for each                            (1)
/// ```
struct CanonicalForm: Sendable {
  let columnCount: Int
  let cones: [Cone]
  /// A in compressed rows.
  let rowStarts: [Int]
  let columnIndices: [Int]
  /// P's upper triangle in compressed columns.
  let columnStarts: [Int]
  let rowIndices: [Int]

  /// (1), the values of the stored entries.
  let quadratic: ParameterMap
  let linear: ParameterMap
  let constraints: ParameterMap
  let rightHandSide: ParameterMap
  /// d, one number.
  let constant: ParameterMap
  /// θ → θ⁺.
  let derived: DerivedParameters

  /// The problem's variables and the first of their columns.
  let variables: [(leaf: Expression, offset: Int)]
  /// The problem's parameters and the first of their slots.
  let parameters: [(leaf: Expression, offset: Int)]
  /// Columns that are integers.
  let integers: [Int]
  /// The rows of each constraint, whose multipliers they carry.
  let constraintRows: [ObjectIdentifier: Range<Int>]

  /// The program's numbers at θ⁺.
  struct Numbers: Sendable {
    var quadratic: [Double]
    var linear: [Double]
    var constraints: [Double]
    var rightHandSide: [Double]
    var constant: Double
  }

  func numbers(at parameters: [Double]) -> Numbers {
    Numbers(
      quadratic: quadratic.values(parameters), linear: linear.values(parameters),
      constraints: constraints.values(parameters),
      rightHandSide: rightHandSide.values(parameters), constant: constant.values(parameters)[0])
  }

  /// The program with these numbers, checked.
  func program(_ numbers: Numbers) throws(ModelingError) -> ConeProgram {
    do {
      return try ConeProgram(
        minimize: Vector(numbers.linear),
        quadratic: SymmetricSparseMatrix(
          order: columnCount, columnStarts: columnStarts, rowIndices: rowIndices,
          values: numbers.quadratic),
        constraints: SparseMatrix(
          rows: numbers.rightHandSide.count, columns: columnCount, rowStarts: rowStarts,
          columnIndices: columnIndices, values: numbers.constraints),
        rightHandSide: Vector(numbers.rightHandSide), cones: cones)
    } catch {
      throw CanonicalForm.error(error)
    }
  }

  /// What an error of the program below means for the problem above.
  static func error(_ error: any Error) -> ModelingError {
    switch error {
    case let error as ModelingError: error
    case ConeProgramError.notConvex: .notSemidefinite
    case ConeProgramError.noVariables: .noVariables
    default: .refused(message: "\(error)")
    }
  }
}
