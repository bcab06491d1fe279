/// Rows s = b − A x of one kind of cone, as they come.
struct ConeRows {
  private(set) var count = 0
  private(set) var terms: [AffineForm.Term] = []
  private(set) var cones: [Cone] = []

  /// Appends cones of `forms.count` rows each: row k of cone i is row i of form k.
  mutating func append(_ forms: [AffineForm], count cones: Int, _ cone: Cone) {
    for (offset, form) in forms.enumerated() {
      let form = form.broadcast(to: cones)
      for var term in form.terms {
        term.row = count + term.row * forms.count + offset
        terms.append(term)
      }
    }
    count += forms.count * cones
    self.cones += Array(repeating: cone, count: cones)
  }

  /// Appends one cone whose rows are those of the form.
  mutating func append(_ form: AffineForm, _ cone: Cone) {
    for var term in form.terms {
      term.row += count
      terms.append(term)
    }
    count += form.count
    cones.append(cone)
  }
}
