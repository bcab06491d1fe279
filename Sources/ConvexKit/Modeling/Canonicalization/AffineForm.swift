/// Rows of numbers that are affine in the columns of a cone program, and in the parameters.
///
/// ```
/// row i  =  Σ value · θ⁺[slot] · x[column]   over the terms of row i                     (1)
/// ```
///
/// where a column of −1 stands for the factor 1 (a constant), and likewise a slot of −1. Several
/// terms may share a place. Terms lie in flat arrays, so that large matrices cost no objects, and
/// a sum, a multiple or a stack of forms shares the arrays of what it is made of.
struct AffineForm: Sendable {
  struct Term: Sendable {
    var row: Int
    var column: Int32
    var slot: Int32
    var value: Double
  }

  /// Terms times a factor, with row r in the place of row offset + stride · r.
  struct Part: Sendable {
    let terms: [Term]
    var factor = 1.0
    var offset = 0
    var stride = 1
  }

  let count: Int
  let parts: [Part]

  init(count: Int, parts: [Part] = []) {
    self.count = count
    self.parts = parts
  }

  init(count: Int, terms: [Term]) {
    self.init(count: count, parts: terms.isEmpty ? [] : [Part(terms: terms)])
  }

  /// Numbers; those that are 0 need no term.
  init(_ constants: [Double]) {
    var terms: [Term] = []
    terms.reserveCapacity(constants.count)
    for row in constants.indices where constants[row] != 0 {
      terms.append(Term(row: row, column: -1, slot: -1, value: constants[row]))
    }
    self.init(count: constants.count, terms: terms)
  }

  /// The columns from the first, in this order.
  init(columns first: Int, _ places: some Collection<Int>) {
    var row = -1
    self.init(
      count: places.count,
      terms: places.map {
        row += 1
        return Term(row: row, column: Int32(first + $0), slot: -1, value: 1)
      })
  }

  /// The slots from the first, in this order.
  init(slots first: Int, _ places: some Collection<Int>) {
    var row = -1
    self.init(
      count: places.count,
      terms: places.map {
        row += 1
        return Term(row: row, column: -1, slot: Int32(first + $0), value: 1)
      })
  }

  var termCount: Int { parts.reduce(0) { $0 + $1.terms.count } }

  /// Calls `body` with every term, its factor and row applied.
  @inline(__always) func forEachTerm(_ body: (Term) -> Void) {
    for part in parts {
      part.terms.withUnsafeBufferPointer { terms in
        for var term in terms {
          term.row = part.offset + part.stride * term.row
          term.value *= part.factor
          body(term)
        }
      }
    }
  }

  /// The numbers, of a form that has neither columns nor slots.
  var constants: [Double]? {
    var numbers = [Double](repeating: 0, count: count)
    var isConstant = true
    forEachTerm { term in
      if term.column >= 0 || term.slot >= 0 { isConstant = false }
      numbers[term.row] += term.value
    }
    return isConstant ? numbers : nil
  }
}

extension AffineForm {
  static prefix func - (form: AffineForm) -> AffineForm { -1 * form }

  static func * (factor: Double, form: AffineForm) -> AffineForm {
    AffineForm(
      count: form.count,
      parts: form.parts.map {
        var part = $0
        part.factor *= factor
        return part
      })
  }

  /// The sum, where a single row stands for all.
  static func + (a: AffineForm, b: AffineForm) -> AffineForm { sum(of: [a, b]) }
  static func - (a: AffineForm, b: AffineForm) -> AffineForm { a + -b }

  /// The sum of several, where a single row stands for all.
  static func sum(of forms: [AffineForm]) -> AffineForm {
    let count = forms.map(\.count).first { $0 != 1 } ?? 1
    let parts = forms.flatMap { $0.broadcast(to: count).parts }
    let longest = forms.reduce(0) { max($0, $1.parts.count) }
    // A form added to itself doubles its parts: they share arrays, so their factors are added.
    return AffineForm(
      count: count, parts: parts.count > 64 && parts.count >= 2 * longest ? merged(parts) : parts)
  }

  private static func merged(_ parts: [Part]) -> [Part] {
    var merged: [Part] = []
    var places: [[Int]: Int] = [:]
    for part in parts {
      let array = part.terms.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }
      if let place = places[[array, part.offset, part.stride]] {
        merged[place].factor += part.factor
      } else {
        places[[array, part.offset, part.stride]] = merged.count
        merged.append(part)
      }
    }
    return merged
  }

  /// As many rows, each the only one of this form.
  func broadcast(to count: Int) -> AffineForm {
    if self.count == count { return self }
    var terms: [Term] = []
    terms.reserveCapacity(count * termCount)
    for row in 0..<count {
      forEachTerm {
        terms.append(Term(row: row, column: $0.column, slot: $0.slot, value: $0.value))
      }
    }
    return AffineForm(count: count, terms: terms)
  }

  /// The same rows in other places.
  func placed(count: Int, offset: Int, stride: Int) -> AffineForm {
    AffineForm(
      count: count,
      parts: parts.map {
        Part(
          terms: $0.terms, factor: $0.factor, offset: offset + stride * $0.offset,
          stride: stride * $0.stride)
      })
  }

  /// One row: the sum of all.
  var sum: AffineForm { placed(count: 1, offset: 0, stride: 0) }

  /// The rows that are listed, in that order.
  func selecting(_ rows: [Int]) -> AffineForm {
    var starts = [Int](repeating: 0, count: count + 1)
    for row in rows { starts[row + 1] += 1 }
    for row in 0..<count { starts[row + 1] += starts[row] }
    var next = starts
    var places = [Int](repeating: 0, count: rows.count)
    for (place, row) in rows.enumerated() {
      places[next[row]] = place
      next[row] += 1
    }
    var terms: [Term] = []
    forEachTerm { term in
      for place in starts[term.row]..<starts[term.row + 1] {
        var copy = term
        copy.row = places[place]
        terms.append(copy)
      }
    }
    return AffineForm(count: rows.count, terms: terms)
  }

  /// One form under the other.
  static func stacked(_ forms: [AffineForm]) -> AffineForm {
    let count = forms.reduce(0) { $0 + $1.count }
    var offset = 0
    let parts = forms.flatMap { form in
      defer { offset += form.count }
      return form.placed(count: count, offset: offset, stride: 1).parts
    }
    return AffineForm(count: count, parts: parts)
  }
}
