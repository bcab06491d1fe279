/// The barrier of a three-dimensional dual cone, by its defining function ψ.
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
  var center: Triple { get }
  /// k.
  var weights: Triple { get }
  /// Whether s is inside K.
  func contains(_ s: Triple) -> Bool
  /// Whether z is inside K*.
  func contains(dual z: Triple) -> Bool
  /// f*(z).
  func value(_ z: Triple) -> Double
  /// ψ, ∇ψ, ∇²ψ.
  func psi(_ z: Triple) -> PsiDerivatives
  /// ∇²f*(z), from ψ there.
  func curvature(_ z: Triple, _ psi: PsiDerivatives) -> BarrierCurvature
  /// ∇²f*(z)⁻¹ v, from ψ there; digits of the small eigenvalues are not lost to the large one.
  func solveHessian(_ v: Triple, _ z: Triple, _ psi: PsiDerivatives) -> Triple
  /// ∇³ψ[a, b].
  func psiThird(_ z: Triple, _ psi: Double, _ a: Triple, _ b: Triple) -> Triple
  /// z′ = −∇f(s), f the conjugate barrier of K: the solution of s = −∇f*(z′); and f*(z′).
  func dualPoint(_ s: Triple) -> (point: Triple, value: Double)?
}

/// ψ of (9) and its derivatives at a point.
struct PsiDerivatives {
  var value = 1.0
  var gradient = Triple()
  var hessian = Symmetric3()
}

/// ∇²f* = λ r rᵀ + R: near the boundary λ is of the order 1/ψ² and R, positive semidefinite, 1/ψ.
struct BarrierCurvature {
  /// r.
  var ray: Triple
  /// λ.
  var weight: Double
  /// R.
  var rest: Symmetric3
}

extension DualBarrier {
  /// ∇f*(z), from ψ there.
  func gradient(_ z: Triple, _ psi: PsiDerivatives) -> Triple {
    (-1 / psi.value) * psi.gradient - weights / z.orOne(where: weights)
  }

  /// ∇³f*(z)[a, b], from ψ there.
  func thirdDerivative(_ z: Triple, _ psi: PsiDerivatives, _ a: Triple, _ b: Triple) -> Triple {
    let square = 1 / (psi.value * psi.value)
    let (alongA, alongB) = (psi.gradient.dot(a), psi.gradient.dot(b))
    let (curvedA, curvedB) = (psi.hessian * a, psi.hessian * b)
    let ofGradient = (a.dot(curvedB) - 2 * alongA * alongB / psi.value) * square
    let pole = z.orOne(where: weights)
    var sum = ofGradient * psi.gradient - (1 / psi.value) * psiThird(z, psi.value, a, b)
    sum += (alongB * square) * curvedA + (alongA * square) * curvedB
    return sum - 2 * weights * a * b / (pole * pole * pole)
  }
}
