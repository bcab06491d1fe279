import CLAPACKE
import COpenBLAS
import RealModule

/// A scalar that LAPACK computes with: Float or Double.
///
/// The requirements are LAPACK's routines of the same names without their type letter, for lower
/// triangles in column-major order. `info` is 0, or the order of the first minor that is not
/// positive.
public protocol LinearAlgebraScalar: Real, BinaryFloatingPoint, BitwiseCopyable, Sendable {
  /// A = L Lᵀ in place, n × n.
  static func potrf(_ n: Int32, _ a: UnsafeMutablePointer<Self>) -> Int32
  /// L Lᵀ x = b in place, `columns` right-hand sides.
  static func potrs(
    _ n: Int32, _ columns: Int32, _ l: UnsafePointer<Self>, _ b: UnsafeMutablePointer<Self>
  ) -> Int32
  /// A = L Lᵀ in place, `band` subdiagonals.
  static func pbtrf(_ n: Int32, _ band: Int32, _ a: UnsafeMutablePointer<Self>) -> Int32
  /// L Lᵀ x = b in place, `band` subdiagonals, `columns` right-hand sides.
  static func pbtrs(
    _ n: Int32, _ band: Int32, _ columns: Int32, _ l: UnsafePointer<Self>,
    _ b: UnsafeMutablePointer<Self>
  ) -> Int32
}

/// OpenBLAS's own threads would compete with libgomp's for the same cores (a product of order
/// 1024 slows down by half), and at the sizes here they gain nothing: one thread, set at first use.
/// Work on several threads is parallel over instances instead.
private let oneThread: Void = openblas_set_num_threads(1)

private let lower = CChar(bitPattern: UInt8(ascii: "L"))

// The `_work` routines neither allocate nor search for NaN: callers have checked their input.

extension Double: LinearAlgebraScalar {
  /// LAPACK's dpotrf.
  public static func potrf(_ n: Int32, _ a: UnsafeMutablePointer<Double>) -> Int32 {
    oneThread
    return LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, lower, n, a, max(1, n))
  }

  /// LAPACK's dpotrs.
  public static func potrs(
    _ n: Int32, _ columns: Int32, _ l: UnsafePointer<Double>, _ b: UnsafeMutablePointer<Double>
  ) -> Int32 {
    oneThread
    return LAPACKE_dpotrs_work(
      LAPACK_COL_MAJOR, lower, n, columns, l, max(1, n), b, max(1, n))
  }

  /// LAPACK's dpbtrf.
  public static func pbtrf(
    _ n: Int32, _ band: Int32, _ a: UnsafeMutablePointer<Double>
  ) -> Int32 {
    oneThread
    return LAPACKE_dpbtrf_work(LAPACK_COL_MAJOR, lower, n, band, a, band + 1)
  }

  /// LAPACK's dpbtrs.
  public static func pbtrs(
    _ n: Int32, _ band: Int32, _ columns: Int32, _ l: UnsafePointer<Double>,
    _ b: UnsafeMutablePointer<Double>
  ) -> Int32 {
    oneThread
    return LAPACKE_dpbtrs_work(
      LAPACK_COL_MAJOR, lower, n, band, columns, l, band + 1, b, max(1, n))
  }
}

extension Float: LinearAlgebraScalar {
  /// LAPACK's spotrf.
  public static func potrf(_ n: Int32, _ a: UnsafeMutablePointer<Float>) -> Int32 {
    oneThread
    return LAPACKE_spotrf_work(LAPACK_COL_MAJOR, lower, n, a, max(1, n))
  }

  /// LAPACK's spotrs.
  public static func potrs(
    _ n: Int32, _ columns: Int32, _ l: UnsafePointer<Float>, _ b: UnsafeMutablePointer<Float>
  ) -> Int32 {
    oneThread
    return LAPACKE_spotrs_work(
      LAPACK_COL_MAJOR, lower, n, columns, l, max(1, n), b, max(1, n))
  }

  /// LAPACK's spbtrf.
  public static func pbtrf(_ n: Int32, _ band: Int32, _ a: UnsafeMutablePointer<Float>) -> Int32 {
    oneThread
    return LAPACKE_spbtrf_work(LAPACK_COL_MAJOR, lower, n, band, a, band + 1)
  }

  /// LAPACK's spbtrs.
  public static func pbtrs(
    _ n: Int32, _ band: Int32, _ columns: Int32, _ l: UnsafePointer<Float>,
    _ b: UnsafeMutablePointer<Float>
  ) -> Int32 {
    oneThread
    return LAPACKE_spbtrs_work(
      LAPACK_COL_MAJOR, lower, n, band, columns, l, band + 1, b, max(1, n))
  }
}
