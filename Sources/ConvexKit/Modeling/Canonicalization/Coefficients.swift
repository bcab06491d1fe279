/// Factors without variables, grouped by the row of the form that they multiply.
///
/// ```
/// (C x)[target + base] = Σ value · θ⁺[slot] · x[row]   over the factors of row's group
/// ```
struct Coefficients {
  private var starts: [Int]
  private var targets: [Int] = []
  private var slots: [Int32] = []
  private var values: [Double] = []

  /// Groups the terms of a form without columns.
  ///
  /// - Parameters:
  ///   - form: The factors.
  ///   - groups: The number of groups.
  ///   - place: The group of a row of the form, and the row that its products go to.
  init(_ form: AffineForm, groups: Int, _ place: (Int) -> (group: Int, target: Int)) {
    starts = Array(repeating: 0, count: groups + 1)
    for term in form.terms { starts[place(term.row).group + 1] += 1 }
    for group in 0..<groups { starts[group + 1] += starts[group] }
    var next = starts
    targets = Array(repeating: 0, count: form.terms.count)
    slots = Array(repeating: -1, count: form.terms.count)
    values = Array(repeating: 0, count: form.terms.count)
    for term in form.terms {
      let (group, target) = place(term.row)
      targets[next[group]] = target
      slots[next[group]] = term.slot
      values[next[group]] = term.value
      next[group] += 1
    }
  }

  /// The products with a form.
  ///
  /// - Parameters:
  ///   - form: x.
  ///   - count: The number of rows of the product.
  ///   - builder: Where products of two parameters get their slots.
  ///   - place: The group that multiplies a row, and what is added to the targets.
  func times(
    _ form: AffineForm, count: Int, _ builder: CanonicalBuilder,
    _ place: (Int) -> (group: Int, base: Int)
  ) -> AffineForm {
    var product = AffineForm(count: count)
    product.terms.reserveCapacity(max(values.count, form.terms.count))
    for term in form.terms {
      let (group, base) = place(term.row)
      for entry in starts[group]..<starts[group + 1] {
        product.terms.append(
          AffineForm.Term(
            row: targets[entry] + base, column: term.column,
            slot: builder.product(slots[entry], term.slot), value: values[entry] * term.value))
      }
    }
    return product
  }
}

extension AffineForm {
  /// Row by row, a form without columns times another of as many rows.
  func multiplied(by form: AffineForm, _ builder: CanonicalBuilder) -> AffineForm {
    let count = count == 1 ? form.count : count
    return Coefficients(broadcast(to: count), groups: count) { ($0, 0) }
      .times(form.broadcast(to: count), count: count, builder) { ($0, $0) }
  }
}
