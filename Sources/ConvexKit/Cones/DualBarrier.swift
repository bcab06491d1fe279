/// The barriers of four three-dimensional dual cones, by their defining functions ψ.
///
/// ```
/// K* = {z : ψ(z) ≥ 0, …},   f*(z) = −log ψ(z) − Σ_i k_i log|z_i|                         (9)
/// ∇f* = −∇ψ/ψ − k/z
/// ∇²f* = ∇ψ ∇ψᵀ/ψ² − ∇²ψ/ψ + diag(k/z²)
/// ∇³f*[a, b] = −2 ψ_a ψ_b ∇ψ/ψ³ + (ψ_b ∇²ψ a + ψ_a ∇²ψ b + ψ_ab ∇ψ)/ψ² − ∇³ψ[a, b]/ψ
///              − 2 k a b/z³
/// ```
///
/// Subscripts are directional derivatives. f* is logarithmically homogeneous of degree 3.
protocol DualBarrier {
  /// The point s = z with s = −∇f*(z).
  var center: LaneVector { get }
  /// k.
  var weights: LaneVector { get }
  /// 1/z_i where k_i is not 0, 0 elsewhere.
  func poles(_ z: LaneVector) -> LaneVector
  /// Whether s is inside K.
  func contains(_ s: LaneVector) -> LaneMask
  /// Whether z is inside K*.
  func contains(dual z: LaneVector) -> LaneMask
  /// ψ, ∇ψ, ∇²ψ.
  func psi(_ z: LaneVector) -> PsiDerivatives
  /// ∇²f*(z), from ψ there.
  func curvature(_ z: LaneVector, _ psi: PsiDerivatives) -> BarrierCurvature
  /// ∇²f*(z)⁻¹ v, from ψ there; digits of the small eigenvalues are not lost to the large one.
  func solveHessian(_ v: LaneVector, _ z: LaneVector, _ psi: PsiDerivatives) -> LaneVector
  /// ∇³ψ[a, b].
  func psiThird(
    _ z: LaneVector, _ psi: PsiDerivatives, _ a: LaneVector, _ b: LaneVector
  ) -> LaneVector
  /// z′ = −∇f(s), f the conjugate barrier of K: the solution of s = −∇f*(z′), where there is one.
  func dualPoint(_ s: LaneVector) -> (point: LaneVector, isThere: LaneMask)
  /// The curved boundary of K* at z, which is on it.
  func boundary(_ z: LaneVector) -> BarrierBoundary
  /// z moved onto the curved boundary of K* along one coordinate, and whether it is there.
  func ontoBoundary(dual z: LaneVector) -> (point: LaneVector, isThere: LaneMask)
  /// Whether s and z are beside an end of the curved boundary, where sᵀz does not tell how far they are
  /// from it.
  func isBesideEnd(_ s: LaneVector, _ z: LaneVector) -> LaneMask
  /// s moved to at least a share of its former depth inside K.
  func inside(_ s: LaneVector, from old: LaneVector) -> LaneVector
  /// z moved to at least a share of its former depth inside K*.
  func inside(dual z: LaneVector, from old: LaneVector) -> LaneVector
  /// f(s) + f*(z) + 3, +∞ where s or z is outside: f(s) = −3 − f*(z′).
  func proximity(_ s: LaneVector, _ z: LaneVector) -> Lanes
}

/// ψ of (9) and its derivatives at a point.
struct PsiDerivatives {
  var value = Lanes(repeating: 1)
  var gradient = LaneVector()
  var hessian = Symmetric3<Lanes>()
}

/// ∇²f* = λ r rᵀ + R: near the boundary λ is of the order 1/ψ² and R, positive semidefinite, 1/ψ.
struct BarrierCurvature {
  /// r.
  var ray: LaneVector
  /// λ.
  var weight: Lanes
  /// R.
  var rest: Symmetric3<Lanes>
}

/// The curved boundary of K* as g = 0 with g concave.
struct BarrierBoundary {
  /// r = ∇g: s = λ r where s and z are complementary.
  var ray: LaneVector
  /// b: −∇²g = b bᵀ, since g is straight along z, and along a second direction.
  var bend: LaneVector
}

extension DualBarrier {
  /// ∇f*(z), from ψ there.
  func gradient(_ z: LaneVector, _ psi: PsiDerivatives) -> LaneVector {
    -((1 / psi.value) * psi.gradient + weights * poles(z))
  }

  /// ∇³f*(z)[a, b], from ψ there.
  func thirdDerivative(
    _ z: LaneVector, _ psi: PsiDerivatives, _ a: LaneVector, _ b: LaneVector
  ) -> LaneVector {
    let inverse = 1 / psi.value
    let square = inverse * inverse
    let (alongA, alongB) = (psi.gradient.dot(a), psi.gradient.dot(b))
    let (curvedA, curvedB) = (psi.hessian * a, psi.hessian * b)
    let ofGradient = (a.dot(curvedB) - 2 * alongA * alongB * inverse) * square
    let poles = poles(z)
    var sum = ofGradient * psi.gradient - inverse * psiThird(z, psi, a, b)
    sum += (alongB * square) * curvedA + (alongA * square) * curvedB
    let pole = (weights * poles) * (a * poles) * (b * poles)
    return sum - (pole + pole)
  }
}
