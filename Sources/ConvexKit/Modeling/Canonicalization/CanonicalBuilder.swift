/// Where atoms put their new variables and cone rows.
final class CanonicalBuilder {
  /// The kinds of cones, in the order in which the program has them.
  enum Kind: Int, CaseIterable, Sendable {
    case zero
    case nonnegative
    case secondOrder
    case exponential
    case power
  }

  private(set) var columnCount: Int
  private(set) var rows: [ConeRows] = Kind.allCases.map { _ in ConeRows() }
  private(set) var derived: DerivedParameters
  /// The first thing that an atom could not express.
  private(set) var refusal: ModelingError?
  private var products: [Int64: Int32] = [:]

  init(columnCount: Int, slotCount: Int) {
    self.columnCount = columnCount
    derived = DerivedParameters(parameterCount: slotCount)
  }

  /// Whether there are cones that are not linear.
  var isLinear: Bool {
    rows[Kind.secondOrder.rawValue...].allSatisfy { $0.count == 0 }
  }

  func refuse(_ error: ModelingError) { refusal = refusal ?? error }

  // MARK: Columns and slots

  /// New variables.
  func variables(_ count: Int) -> AffineForm {
    defer { columnCount += count }
    return AffineForm(columns: columnCount, 0..<count)
  }

  /// The columns that a form's rows are multiples of, which are made if they are something else.
  func columns(of form: AffineForm) -> [(column: Int32, factor: Double)] {
    if let multiples = multiples(form) { return multiples }
    let first = columnCount
    zero(form - variables(form.count))
    return (first..<columnCount).map { (Int32($0), 1) }
  }

  private func multiples(_ form: AffineForm) -> [(column: Int32, factor: Double)]? {
    guard form.termCount == form.count else { return nil }
    var multiples = [(column: Int32, factor: Double)](repeating: (-1, 0), count: form.count)
    form.forEachTerm { if $0.slot < 0 { multiples[$0.row] = ($0.column, $0.value) } }
    return multiples.contains { $0.column < 0 } ? nil : multiples
  }

  /// The slot of θ⁺[a] θ⁺[b]; −1 stands for the factor 1.
  func product(_ a: Int32, _ b: Int32) -> Int32 {
    if a < 0 || b < 0 { return max(a, b) }
    let key = Int64(min(a, b)) << 32 | Int64(max(a, b))
    if let slot = products[key] { return slot }
    let slot = Int32(derived.append(product: Int(a), Int(b)))
    products[key] = slot
    return slot
  }

  /// The slots of an expression without variables.
  func slots(of expression: Expression) -> AffineForm {
    AffineForm(slots: derived.append(expression), 0..<expression.count)
  }

  // MARK: Rows

  /// form = 0.
  @discardableResult func zero(_ form: AffineForm) -> RowRange {
    append(form, .zero, .zero(form.count))
  }

  /// form ≥ 0.
  @discardableResult func nonnegative(_ form: AffineForm) -> RowRange {
    append(form, .nonnegative, .nonnegative(form.count))
  }

  /// t ≥ ‖x‖₂, t one row.
  func secondOrder(_ t: AffineForm, _ x: AffineForm) {
    append(.stacked([t, x]), .secondOrder, .secondOrder(1 + x.count))
  }

  /// x y ≥ z², x, y ≥ 0, row by row.
  func rotated(_ x: AffineForm, _ y: AffineForm, _ z: AffineForm, count: Int) {
    rows[Kind.secondOrder.rawValue].append(
      [x + y, x - y, 2 * z], count: count, .secondOrder(3))
  }

  /// (x, y, z) ∈ the exponential cone, y e^{x/y} ≤ z, row by row.
  func exponential(_ x: AffineForm, _ y: AffineForm, _ z: AffineForm, count: Int) {
    rows[Kind.exponential.rawValue].append([x, y, z], count: count, .exponential)
  }

  /// (x, y, z) ∈ the power cone, xᵅ y^{1−α} ≥ |z|, row by row.
  func power(_ alpha: Double, _ x: AffineForm, _ y: AffineForm, _ z: AffineForm, count: Int) {
    rows[Kind.power.rawValue].append([x, y, z], count: count, .power(alpha: alpha))
  }

  @discardableResult
  private func append(_ form: AffineForm, _ kind: Kind, _ cone: Cone) -> RowRange {
    let start = rows[kind.rawValue].count
    if form.count > 0 { rows[kind.rawValue].append(form, cone) }
    return RowRange(kind: kind, rows: start..<start + form.count)
  }
}

/// Rows of one kind of cone.
struct RowRange: Sendable {
  let kind: CanonicalBuilder.Kind
  let rows: Range<Int>
}
