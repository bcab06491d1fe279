/// Rows s = b − A x of one kind of cone, as they come: the forms that must be in the cones.
struct ConeRows {
  private(set) var count = 0
  private(set) var forms: [AffineForm] = []
  private(set) var cones: [Cone] = []

  /// Appends cones of `forms.count` rows each: row k of cone i is row i of form k.
  mutating func append(_ forms: [AffineForm], count cones: Int, _ cone: Cone) {
    for (offset, form) in forms.enumerated() {
      self.forms.append(
        form.broadcast(to: cones).placed(
          count: cones, offset: count + offset, stride: forms.count))
    }
    count += forms.count * cones
    self.cones += Array(repeating: cone, count: cones)
  }

  /// Appends one cone whose rows are those of the form.
  mutating func append(_ form: AffineForm, _ cone: Cone) {
    forms.append(form.placed(count: form.count, offset: count, stride: 1))
    count += form.count
    cones.append(cone)
  }
}
