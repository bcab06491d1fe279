/// What a problem is solved for: a number, a vector or a matrix.
///
/// Two variables are the same if they are the same object; names are for messages.
public final class Variable: Expression, @unchecked Sendable {
  /// The values that the elements may have.
  public enum Domain: String, Sendable {
    /// Any number.
    case real
    /// At least 0.
    case nonnegative
    /// At most 0.
    case nonpositive
    /// 0 or 1.
    case boolean
    /// Any integer.
    case integer
  }

  /// The values that the elements may have.
  public let domain: Domain

  /// A number.
  ///
  /// - Parameters:
  ///   - domain: The values that it may have.
  ///   - name: What to call it in messages.
  public convenience init(_ domain: Domain = .real, name: String? = nil) {
    self.init(1, 1, domain, name: name)
  }

  /// A vector.
  ///
  /// - Parameters:
  ///   - count: The number of elements.
  ///   - domain: The values that the elements may have.
  ///   - name: What to call it in messages.
  public convenience init(_ count: Int, _ domain: Domain = .real, name: String? = nil) {
    self.init(count, 1, domain, name: name)
  }

  /// A matrix.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - domain: The values that the elements may have.
  ///   - name: What to call it in messages.
  public init(_ rows: Int, _ columns: Int, _ domain: Domain = .real, name: String? = nil) {
    precondition(rows >= 0 && columns >= 0, "Variable: shape \(rows)×\(columns)")
    self.domain = domain
    let sign: Sign =
      switch domain {
      case .real, .integer: .unknown
      case .nonnegative, .boolean: .nonnegative
      case .nonpositive: .nonpositive
      }
    super.init(
      leaf: Shape(rows: rows, columns: columns), sign: sign, content: .variable(domain), name: name)
  }
}
