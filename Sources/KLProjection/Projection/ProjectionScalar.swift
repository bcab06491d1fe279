import RealModule

/// A floating-point type that maps come in: `Float` or `Double`.
///
/// Whatever the maps' type, what decides an answer (logarithms, sums, the Newton iteration) is
/// computed in `Double`, except in the loops over `Float` probabilities on pooled grids, which
/// stay in `Float` because they run at the speed of memory.
public protocol ProjectionScalar: Real, BinaryFloatingPoint, Sendable {}

extension Float: ProjectionScalar {}

extension Double: ProjectionScalar {}
