/// Numbers of a problem that change from one solve to the next.
///
/// The domain is a promise: curvature depends on it, and a value outside is an error when it is
/// given. Two parameters are the same if they are the same object; names are for messages.
public final class Parameter: Expression, @unchecked Sendable {
  /// The values that the elements may have.
  public enum Domain: String, Sendable {
    /// Any numbers.
    case real
    /// At least 0.
    case nonnegative
    /// At most 0.
    case nonpositive
    /// A square matrix Q whose (Q + Qᵀ)/2 is positive semidefinite: what ``quadForm(_:_:)`` needs.
    case positiveSemidefinite
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
    precondition(rows >= 0 && columns >= 0, "Parameter: shape \(rows)×\(columns)")
    precondition(
      domain != .positiveSemidefinite || rows == columns,
      "Parameter: shape \(rows)×\(columns) is not square")
    self.domain = domain
    let sign: Sign =
      switch domain {
      case .real, .positiveSemidefinite: .unknown
      case .nonnegative: .nonnegative
      case .nonpositive: .nonpositive
      }
    super.init(
      leaf: Shape(rows: rows, columns: columns), sign: sign, content: .parameter(domain), name: name
    )
  }
}
