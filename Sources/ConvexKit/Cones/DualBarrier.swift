import Foundation

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
  /// ψ.
  func psi(_ z: Triple) -> Double
  /// ∇ψ.
  func psiGradient(_ z: Triple) -> Triple
  /// ∇²ψ.
  func psiHessian(_ z: Triple) -> Symmetric3
  /// ∇³ψ[a, b].
  func psiThird(_ z: Triple, _ a: Triple, _ b: Triple) -> Triple
  /// z̃ = −∇f(s), f the conjugate barrier of K: the solution of s = −∇f*(z̃).
  func dualPoint(_ s: Triple) -> Triple?
}

extension DualBarrier {
  /// f*(z).
  func value(_ z: Triple) -> Double {
    var sum = -log(psi(z))
    for i in 0..<3 where weights[i] != 0 { sum -= weights[i] * log(abs(z[i])) }
    return sum
  }

  /// ∇f*(z).
  func gradient(_ z: Triple) -> Triple {
    (-1 / psi(z)) * psiGradient(z) - weights / z.orOne(where: weights)
  }

  /// ∇²f*(z).
  func hessian(_ z: Triple) -> Symmetric3 {
    let psi = psi(z)
    let pole = z.orOne(where: weights)
    return Symmetric3(outer: psiGradient(z), scale: 1 / (psi * psi))
      - (1 / psi) * psiHessian(z) + Symmetric3(diagonal: weights / (pole * pole))
  }
}

extension DualBarrier {
  /// ∇³f*(z)[a, b].
  func thirdDerivative(_ z: Triple, _ a: Triple, _ b: Triple) -> Triple {
    let psi = psi(z)
    let (gradient, curvature) = (psiGradient(z), psiHessian(z))
    let (alongA, alongB) = (gradient.dot(a), gradient.dot(b))
    let (curvedA, curvedB) = (curvature * a, curvature * b)
    let ofGradient = (a.dot(curvedB) - 2 * alongA * alongB / psi) / (psi * psi)
    let pole = z.orOne(where: weights)
    var sum = ofGradient * gradient - (1 / psi) * psiThird(z, a, b)
    sum += (alongB / (psi * psi)) * curvedA + (alongA / (psi * psi)) * curvedB
    return sum - 2 * weights * a * b / (pole * pole * pole)
  }
}
