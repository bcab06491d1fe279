import ArrayFiles
import KLProjection

/// One instance of Eq. 4: τ, ρ and A, in double precision.
struct Instance {
  private let projection: MarginalProjection
  private let fine: [Double]
  private let coarse: [Double]

  /// Reads `tau`, `rho`, and either `labels` or the compressed rows of A.
  init(_ file: Safetensors) throws {
    fine = try file.array(named: "tau").doubles()
    coarse = try file.array(named: "rho").doubles()
    let marginalization: Marginalization
    if let labels = file.arrays["labels"] {
      marginalization = try Marginalization(
        labels: labels.integers(), coarseCount: coarse.count)
    } else {
      marginalization = try Marginalization(
        rowStarts: file.array(named: "A_indptr").integers(),
        columnIndices: file.array(named: "A_indices").integers(),
        values: file.array(named: "A_values").doubles(), fineCount: fine.count)
    }
    projection = MarginalProjection(marginalization, settings: ProjectionSettings(threads: 1))
  }

  func solve() throws -> ProjectionBatch<Double> {
    try projection.project(fine: fine, coarse: coarse)
  }
}
