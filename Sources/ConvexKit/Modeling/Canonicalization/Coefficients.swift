/// Factors without variables, grouped by the row of the form that they multiply.
///
/// ```
/// (C x)[target + base] = Σ value · θ⁺[slot] · x[row]   over the factors of row's group
/// ```
struct Coefficients {
  private struct Factor {
    var target: Int
    var slot: Int32
    var value: Double
  }

  private var starts: [Int]
  private var factors: [Factor]

  /// Groups the terms of a form without columns.
  ///
  /// - Parameters:
  ///   - form: The factors.
  ///   - groups: The number of groups.
  ///   - place: The group of a row of the form, and the row that its products go to.
  init(_ form: AffineForm, groups: Int, _ place: (Int) -> (group: Int, target: Int)) {
    var next = [Int](repeating: 0, count: groups + 1)
    form.forEachTerm { next[place($0.row).group + 1] += 1 }
    for group in 0..<groups { next[group + 1] += next[group] }
    starts = next
    var factors = [Factor](repeating: Factor(target: 0, slot: -1, value: 0), count: next[groups])
    form.forEachTerm { term in
      let (group, target) = place(term.row)
      factors[next[group]] = Factor(target: target, slot: term.slot, value: term.value)
      next[group] += 1
    }
    self.factors = factors
  }

  /// The products with a form.
  ///
  /// - Parameters:
  ///   - form: x.
  ///   - count: The number of rows of the product.
  ///   - builder: Where products of two parameters get their slots.
  ///   - place: The group that multiplies a row, and what is added to the targets.
  /// - Returns: The products.
  func times(
    _ form: AffineForm, count: Int, _ builder: CanonicalBuilder,
    _ place: (Int) -> (group: Int, base: Int)
  ) -> AffineForm {
    var terms: [AffineForm.Term] = []
    terms.reserveCapacity(max(factors.count, form.termCount))
    form.forEachTerm { term in
      let (group, base) = place(term.row)
      for factor in factors[starts[group]..<starts[group + 1]] {
        terms.append(
          AffineForm.Term(
            row: factor.target + base, column: term.column,
            slot: builder.product(factor.slot, term.slot), value: factor.value * term.value))
      }
    }
    return AffineForm(count: count, terms: terms)
  }
}

extension AffineForm {
  /// A X, of a dense matrix and the elements of X in column-major order.
  init(_ a: Matrix<Double>, times x: AffineForm) {
    let (m, k) = (a.rows, a.columns)
    var terms: [Term] = []
    terms.reserveCapacity(a.elements.count)
    a.elements.withUnsafeBufferPointer { a in
      x.forEachTerm { term in
        let (column, base) = (a[term.row % k * m..<(term.row % k + 1) * m], term.row / k * m)
        for (row, value) in zip(base..<base + m, column) where value != 0 {
          terms.append(
            Term(row: row, column: term.column, slot: term.slot, value: value * term.value))
        }
      }
    }
    self.init(count: x.count / max(k, 1) * m, terms: terms)
  }

  /// Row by row, a form without columns times another of as many rows.
  func multiplied(by form: AffineForm, _ builder: CanonicalBuilder) -> AffineForm {
    if count == 1, let number = constants { return number[0] * form }
    let count = count == 1 ? form.count : count
    return Coefficients(broadcast(to: count), groups: count) { ($0, 0) }
      .times(form.broadcast(to: count), count: count, builder) { ($0, $0) }
  }
}
