/// Rows of numbers that are quadratic in the columns of a cone program.
///
/// ```
/// row i  =  affine_i + Σ value · θ⁺[slot] · x[first] · x[second]   over the products of row i
/// ```
struct QuadraticForm: Sendable {
  struct Product: Sendable {
    var row: Int
    var first: Int32
    var second: Int32
    var slot: Int32
    var value: Double
  }

  var affine: AffineForm
  var products: [Product]
}
