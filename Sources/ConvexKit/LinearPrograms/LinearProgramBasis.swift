/// Which rows and variables of a linear program a vertex lets move: as many as there are rows.
///
/// The others stay at a bound. A basis of one program is a start for another of the same size: see
/// ``LinearProgramSettings/basis``.
public struct LinearProgramBasis: Sendable, Hashable {
  /// Where the value of a row or a variable is.
  public enum Place: UInt8, Sendable {
    /// Between its bounds, determined by the others.
    case basic = 1
    /// At its lower bound.
    case lower = 2
    /// At its upper bound.
    case upper = 3
    /// At 0, having no bounds.
    case free = 4
    /// At its two bounds, which are equal.
    case fixed = 5
  }

  /// The place of each row.
  public var rows: [Place]
  /// The place of each variable.
  public var variables: [Place]

  /// A basis.
  ///
  /// - Parameters:
  ///   - rows: The place of each row.
  ///   - variables: The place of each variable.
  public init(rows: [Place], variables: [Place]) {
    self.rows = rows
    self.variables = variables
  }
}
