/// {0}: equalities. s = 0, z is free, H = 0.
final class ZeroBlock: ConeBlock {
  let rows: Range<Int>
  var degree: Int { 0 }
  var isSymmetric: Bool { true }
  var pattern: HessianPattern { .diagonal }

  init(rows: Range<Int>) { self.rows = rows }

  func setToCenter(_ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>) {
    for i in rows {
      s[i] = 0
      z[i] = 0
    }
  }

  func margin(_ v: UnsafeMutablePointer<Double>) -> Double { .infinity }

  func shift(_ v: UnsafeMutablePointer<Double>, by a: Double) {}

  func updateScaling(
    _ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>, mu: Double,
    _ strategy: ScalingStrategy
  ) -> Bool { true }

  func writeHessian(into h: UnsafeMutablePointer<Double>) {
    h.update(repeating: 0, count: rows.count)
  }

  func multiplyHessian(
    _ v: UnsafeMutablePointer<Double>, _ extra: UnsafeMutablePointer<Double>,
    into y: UnsafeMutablePointer<Double>
  ) {
    for i in rows { y[i] = 0 }
  }

  func combine(_ d: UnsafeMutablePointer<Double>, _ at: CombinedStep) {}

  func stepLength(_ step: BlockStep, limit: Double) -> Double { limit }

  func proximity(_ step: BlockStep, _ length: Double) -> Double { 0 }

  func retract(_ step: BoundaryStep) -> Bool { true }
}
