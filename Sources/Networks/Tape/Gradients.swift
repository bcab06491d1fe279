/// The cotangents that a backward walk found.
public struct Gradients: Sendable {
  private var byLeaf: [ObjectIdentifier: (leaf: Leaf, gradient: Tensor)] = [:]
  private var byApplication: [ObjectIdentifier: Tensor] = [:]

  /// The gradient with respect to a parameter; nil if the output does not depend on it, or if it
  /// is frozen.
  public subscript(parameter: Parameter) -> Tensor? {
    self[parameter.value]
  }

  /// The gradient with respect to a tensor: one made by ``Tensor/differentiable()``, a parameter's
  /// value, or one that the walk was told to keep.
  public subscript(tensor: Tensor) -> Tensor? {
    switch tensor.origin {
    case .constant: nil
    case .leaf(let leaf): byLeaf[ObjectIdentifier(leaf)]?.gradient
    case .application(let application): byApplication[ObjectIdentifier(application)]
    }
  }

  /// Adds each parameter's gradient to the one in its cell.
  func accumulate() {
    for (leaf, gradient) in byLeaf.values { leaf.parameter?.accumulate(gradient) }
  }

  /// Calls `body` with each leaf and its gradient.
  func forEach(_ body: (Leaf, Tensor) -> Void) {
    for (leaf, gradient) in byLeaf.values { body(leaf, gradient) }
  }

  /// Hands over a leaf's gradient, which is not here any more then.
  mutating func take(_ leaf: Leaf) -> Tensor? {
    byLeaf.removeValue(forKey: ObjectIdentifier(leaf))?.gradient
  }

  mutating func add(_ gradient: Tensor, to leaf: Leaf) {
    let gradient = gradient.inFloat32()
    let key = ObjectIdentifier(leaf)
    if let known = byLeaf[key] {
      byLeaf[key] = (leaf, Elementwise.add(known.gradient, gradient))
    } else {
      byLeaf[key] = (leaf, gradient)
    }
  }

  mutating func keep(_ gradient: Tensor, of application: Application) {
    byApplication[ObjectIdentifier(application)] = gradient
  }
}
