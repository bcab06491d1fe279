/// Rows of numbers that are affine in the columns of a cone program, and in the parameters.
///
/// ```
/// row i  =  Σ value · θ⁺[slot] · x[column]   over the terms of row i                     (1)
/// ```
///
/// where a column of −1 stands for the factor 1 (a constant), and likewise a slot of −1. Several
/// terms may share a place. One flat array, so that large matrices cost no objects.
struct AffineForm: Sendable {
  struct Term: Sendable {
    var row: Int
    var column: Int32
    var slot: Int32
    var value: Double
  }

  var count: Int
  var terms: [Term]

  init(count: Int, terms: [Term] = []) {
    self.count = count
    self.terms = terms
  }

  /// Numbers; those that are 0 need no term.
  init(_ constants: [Double]) {
    count = constants.count
    terms = []
    for (row, value) in constants.enumerated() where value != 0 {
      terms.append(Term(row: row, column: -1, slot: -1, value: value))
    }
  }

  /// Consecutive columns.
  init(columns first: Int, count: Int) {
    self.count = count
    terms = (0..<count).map {
      Term(row: $0, column: Int32(first + $0), slot: -1, value: 1)
    }
  }

  /// Consecutive slots.
  init(slots first: Int, count: Int) {
    self.count = count
    terms = (0..<count).map {
      Term(row: $0, column: -1, slot: Int32(first + $0), value: 1)
    }
  }

  /// The numbers, of a form that has neither columns nor slots.
  var constants: [Double]? {
    var numbers = [Double](repeating: 0, count: count)
    for term in terms {
      if term.column >= 0 || term.slot >= 0 { return nil }
      numbers[term.row] += term.value
    }
    return numbers
  }

  static prefix func - (form: AffineForm) -> AffineForm { -1 * form }

  static func * (factor: Double, form: AffineForm) -> AffineForm {
    var scaled = form
    for index in scaled.terms.indices { scaled.terms[index].value *= factor }
    return scaled
  }

  /// The sum, where a single row stands for all.
  static func + (a: AffineForm, b: AffineForm) -> AffineForm {
    let count = a.count == 1 ? b.count : a.count
    var sum = a.broadcast(to: count)
    sum.terms += b.broadcast(to: count).terms
    return sum
  }

  static func - (a: AffineForm, b: AffineForm) -> AffineForm { a + -b }

  /// As many rows, each the only one of this form.
  func broadcast(to count: Int) -> AffineForm {
    if self.count == count { return self }
    return AffineForm(
      count: count,
      terms: (0..<count).flatMap { row in
        terms.map {
          Term(row: row, column: $0.column, slot: $0.slot, value: $0.value)
        }
      })
  }

  /// One row: the sum of all.
  var sum: AffineForm {
    var sum = self
    sum.count = 1
    for index in sum.terms.indices { sum.terms[index].row = 0 }
    return sum
  }

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
    var selected = AffineForm(count: rows.count)
    selected.terms.reserveCapacity(terms.count)
    for term in terms {
      for place in starts[term.row]..<starts[term.row + 1] {
        var copy = term
        copy.row = places[place]
        selected.terms.append(copy)
      }
    }
    return selected
  }

  /// One form under the other.
  static func stacked(_ forms: [AffineForm]) -> AffineForm {
    var stack = AffineForm(count: 0)
    for form in forms {
      for var term in form.terms {
        term.row += stack.count
        stack.terms.append(term)
      }
      stack.count += form.count
    }
    return stack
  }
}
