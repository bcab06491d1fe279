/// (f(x + h e_i) − f(x − h e_i)) / 2h: the derivative up to h² and rounding over h.
func centralDifference(
  of x: [Double], _ index: Int, step: Double = 1e-5, _ f: ([Double]) throws -> Double
) rethrows -> Double {
  var (ahead, behind) = (x, x)
  ahead[index] += step
  behind[index] -= step
  return (try f(ahead) - f(behind)) / (ahead[index] - behind[index])
}
