/// A text format for linear and integer programs.
///
/// All of them keep 15 significant digits of a number. What they have no place for:
///
/// - MPS has no direction: a maximum is written as the minimum of the negated objective.
/// - The right side of the objective in MPS is taken off it: a constant of 7 is written as −7. GLPK's own
///   `glpsol` has it the other way round.
/// - MPS and CPLEX LP have names for all rows and variables: those without are numbered.
/// - MPS and CPLEX LP leave out rows without bounds, which constrain nothing.
/// - CPLEX LP has no program without rows or without variables, and lists variables in the order of
///   their first occurrence, which is the order after reading. A constant and the width of a range
///   are written as variables `~constant` and `~r_1`, and taken back on reading.
public enum ProgramFormat: Sendable, Hashable, CaseIterable {
  /// MPS with fields separated by blanks.
  case freeMPS
  /// MPS with fields in fixed columns, names of 8 characters.
  case fixedMPS
  /// CPLEX LP.
  case cplexLP
  /// GLPK's own.
  case glpk

  /// The format's name, as in messages.
  public var name: String {
    switch self {
    case .freeMPS: "free MPS"
    case .fixedMPS: "fixed MPS"
    case .cplexLP: "CPLEX LP"
    case .glpk: "GLPK"
    }
  }

  /// The format that a file's extension says: `mps`, `lp`, `glp` or `glpk`.
  ///
  /// - Parameter pathExtension: The extension, in any case.
  public init?(pathExtension: String) {
    switch pathExtension.lowercased() {
    case "mps": self = .freeMPS
    case "lp": self = .cplexLP
    case "glp", "glpk": self = .glpk
    default: return nil
    }
  }

  var isMPS: Bool { self == .freeMPS || self == .fixedMPS }

  /// Whether the format reads back a name as it was written.
  func accepts(_ name: String) -> Bool {
    let bytes = Array(name.utf8)
    guard (1...(self == .fixedMPS ? 8 : 255)).contains(bytes.count),
      bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
    else { return false }
    switch self {
    case .glpk: return true
    // A `$` begins a comment; the objective's row has this name.
    case .freeMPS, .fixedMPS: return bytes[0] != UInt8(ascii: "$") && name != "R0000000"
    case .cplexLP:
      return bytes.allSatisfy(ProgramFormat.lpCharacters.contains)
        && !(bytes[0] == UInt8(ascii: ".") || (0x30...0x39).contains(bytes[0]))
        && bytes[0] != UInt8(ascii: "~")
        && !ProgramFormat.lpWords.contains(name.lowercased())
    }
  }

  private static let lpCharacters = Set(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!\"#$%&()/,.;?@_`'{}|~".utf8)

  private static let lpWords: Set<String> = [
    "minimize", "minimum", "min", "maximize", "maximum", "max", "subject", "such", "st", "s.t.",
    "st.", "bounds", "bound", "general", "generals", "gen", "integer", "integers", "int", "binary",
    "binaries", "bin", "free", "inf", "infinity", "end",
  ]
}
