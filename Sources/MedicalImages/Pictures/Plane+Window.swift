extension Plane {
  /// The range between two quantiles of the values that are not 0, for showing a scan: a few
  /// bright vessels should not darken the rest.
  ///
  /// - Parameters:
  ///   - lower: The share of the values below the range.
  ///   - upper: The share of the values below its upper end.
  /// - Returns: The range; that of all values where fewer than two differ from 0.
  public func window(lower: Double = 0.01, upper: Double = 0.995) -> ClosedRange<Float> {
    precondition(lower >= 0 && lower < upper && upper <= 1, "window(\(lower), \(upper))")
    let sorted = values.filter { $0 != 0 && $0.isFinite }.sorted()
    guard sorted.count > 1 else { return range }
    func quantile(_ share: Double) -> Float {
      sorted[Int((Double(sorted.count - 1) * share).rounded())]
    }
    return quantile(lower)...quantile(upper)
  }
}
