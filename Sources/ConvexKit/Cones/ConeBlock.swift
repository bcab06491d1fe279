/// Consecutive rows whose cones are of one kind, as the interior point sees them.
///
/// With f* the logarithmic barrier of K*, the central path is s = −μ ∇f*(z). A scaling matrix H
/// that maps z to s makes the linearized condition
///
/// ```
/// H Δz + Δs = −d                                                                         (6)
/// ```
///
/// where d aims at the boundary (affine), d = s, or at σμ with the second-order term of the affine
/// direction (combined). For symmetric cones H is the Nesterov-Todd scaling Wᵀ W and d comes from
/// the Jordan product; for the others H is close to μ ∇²f*(z) (``BarrierBlock``), and
///
/// ```
/// d = s + σμ ∇f*(z) − ½ ∇³f*(z)[Δz_a, ∇²f*(z)⁻¹ Δs_a]                                    (7)
/// ```
///
/// which is the same thing where both apply: d_i = s_i + (Δs_i Δz_i − σμ)/z_i for f* = −log z.
/// Every pointer is to a whole vector of m elements.
///
/// - Source: Nesterov, Todd (1998); Dahl, Andersen, Math. Program. 194 (2022), eq. for the
///   corrector; Goulart, Chen, Clarabel (2024).
protocol ConeBlock: AnyObject {
  /// The rows.
  var rows: Range<Int> { get }
  /// The barrier's degree ν: s·z = νμ on the central path.
  var degree: Int { get }
  /// Whether H is a Nesterov-Todd scaling.
  var isSymmetric: Bool { get }
  /// How H looks.
  var pattern: HessianPattern { get }

  /// The point s = z with s = −∇f*(z), the center for μ = 1.
  func setToCenter(_ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>)
  /// The largest a with v − a e in K, e the unit of the Jordan algebra. Symmetric cones only.
  func margin(_ v: UnsafeMutablePointer<Double>) -> Double
  /// v ← v + a e. Symmetric cones only.
  func shift(_ v: UnsafeMutablePointer<Double>, by a: Double)
  /// Computes H at a point.
  ///
  /// - Returns: Whether the point is inside and H is finite.
  func updateScaling(
    _ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>, mu: Double,
    _ strategy: ScalingStrategy
  ) -> Bool
  /// H's entries in the order of ``pattern``.
  func writeHessian(into h: UnsafeMutablePointer<Double>)
  /// y ← H v on the rows, with the block's part of the linear system's extra unknowns, which are rᵀv/c
  /// of each cone with a ray r, and −vᵀv before it where H has a second term.
  func multiplyHessian(
    _ v: UnsafeMutablePointer<Double>, _ extra: UnsafeMutablePointer<Double>,
    into y: UnsafeMutablePointer<Double>
  )
  /// d of the combined step; on entry d holds s, which is d of the affine step.
  func combine(_ d: UnsafeMutablePointer<Double>, _ at: CombinedStep)
  /// H, and d on the rows, of a Newton step to a solution on the boundary (``BoundarySteps``); on entry d
  /// holds s.
  ///
  /// - Returns: Whether they are numbers.
  func updateBoundary(
    _ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>, mu: Double,
    _ d: UnsafeMutablePointer<Double>
  ) -> Bool
  /// Moves s and z, which such a step may have taken outside, onto a curved boundary or to a share of their
  /// former distance inside.
  ///
  /// - Returns: Whether there is such a point.
  func retract(_ step: BoundaryStep) -> Bool
  /// The longest α ≤ `limit` with s + α Δs in K and z + α Δz in K*.
  func stepLength(_ step: BlockStep, limit: Double) -> Double
  /// Whether s + α Δs is inside K and z + α Δz inside K* to rounding, where α is less than
  /// ``stepLength(_:limit:)``.
  func isInside(_ step: BlockStep, _ length: Double) -> Bool
  /// f(s + α Δs) + f*(z + α Δz) + ν: −ν log μ on the central path, more off it, +∞ outside.
  func proximity(_ step: BlockStep, _ length: Double) -> Double
}

extension ConeBlock {
  func isInside(_ step: BlockStep, _ length: Double) -> Bool { true }

  func updateBoundary(
    _ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>, mu: Double,
    _ d: UnsafeMutablePointer<Double>
  ) -> Bool { updateScaling(s, z, mu: mu, .primalDual) }
}

/// How a block's H looks, and the order of its entries.
enum HessianPattern {
  /// A diagonal.
  case diagonal
  /// H = R + r rᵀ/c per cone of dimension 3: the upper triangles of R, column after column, then r and
  /// −c of every cone.
  case densePlusRankOne
  /// H = D − v vᵀ + r rᵀ per cone of this dimension: D, v and r, cone after cone.
  case diagonalPlusRankTwo(Int)

  /// The dimension of the dense blocks, if there are any.
  var denseDimension: Int? {
    switch self {
    case .densePlusRankOne: 3
    case .diagonal, .diagonalPlusRankTwo: nil
    }
  }
}

/// Which H a block that has no Nesterov-Todd scaling takes.
enum ScalingStrategy {
  /// A positive definite H near μ ∇²f*(z) that maps z to s and ∇f(s) to ∇f*(z).
  case primalDual
  /// H = μ ∇²f*(z): shorter steps, but nothing to divide by.
  case dual
}

/// Where a block is and where it is going.
struct BlockStep {
  let s, z, ds, dz: UnsafeMutablePointer<Double>
}

/// What the combined step is made from.
struct CombinedStep {
  /// The point, and the affine direction there.
  let step: BlockStep
  /// σμ.
  let target: Double
}

/// Where a Newton step has taken a block, and where it was before.
struct BoundaryStep {
  let s, z: UnsafeMutablePointer<Double>
  let oldS, oldZ: UnsafeMutablePointer<Double>

  /// The share of the distance from the boundary that is left at least: a scaling divides by it.
  static let leastShare = 1e-3
}
