/// The largest |a_i − b_i|: infinite when the lengths differ or exactly one of the two is NaN.
///
/// Equal infinities differ by 0.
public func maximumAbsoluteDifference<Scalar: BinaryFloatingPoint>(
  _ a: some Collection<Scalar>, _ b: some Collection<Scalar>
) -> Scalar {
  guard a.count == b.count else { return .infinity }
  var largest: Scalar = 0
  for (x, y) in zip(a, b) {
    if x == y || (x.isNaN && y.isNaN) { continue }
    let difference = abs(x - y)
    if difference.isNaN { return .infinity }
    largest = max(largest, difference)
  }
  return largest
}

/// |a − b| / max(1, |b|), where `b` is the reference.
public func relativeDifference<Scalar: BinaryFloatingPoint>(_ a: Scalar, _ b: Scalar) -> Scalar {
  maximumAbsoluteDifference([a], [b]) / max(1, b.isFinite ? abs(b) : 1)
}

/// The Euclidean norm of a − b: infinite when the lengths differ. Equal infinities and two NaN
/// differ by 0.
public func euclideanDifference<Scalar: BinaryFloatingPoint>(
  _ a: some Collection<Scalar>, _ b: some Collection<Scalar>
) -> Scalar {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).reduce(Scalar(0)) { sum, pair in
    let (x, y) = pair
    return x == y || (x.isNaN && y.isNaN) ? sum : sum + (x - y) * (x - y)
  }.squareRoot()
}
