import KLProjection
import TestSupport
import Testing

/// The input that users do pass: each wrong one is refused by the error that names it.
struct MalformedInputTests {
  private static let expected: [String: ProjectionError] = [
    "bad_nan_tau": .notANumber(operand: "fine", index: 1),
    "bad_nan_rho": .notANumber(operand: "coarse", index: 1),
    "bad_negative_tau": .negative(operand: "fine", index: 1, value: -0.25),
    "bad_negative_rho": .negative(operand: "coarse", index: 0, value: -0.001),
    "bad_inf_tau": .infinite(operand: "fine", index: 1),
    "bad_inf_rho": .infinite(operand: "coarse", index: 1),
    "bad_zero_tau": .noMass(operand: "fine"),
    "bad_zero_rho": .noMass(operand: "coarse"),
    "bad_shape_tau": .shapeMismatch(operand: "fine", expected: [1, 4], actual: [5]),
    "bad_shape_rho": .shapeMismatch(operand: "coarse", expected: [1, 2], actual: [3]),
    "bad_empty": .empty(operand: "fine"),
    "bad_label_high": .labelOutOfRange(index: 1, label: 2, coarseCount: 2),
    "bad_label_negative": .labelOutOfRange(index: 1, label: -1, coarseCount: 2),
    "bad_A_negative": .negative(operand: "matrix", index: 5, value: -0.25),
    "bad_A_nan": .notANumber(operand: "matrix", index: 1),
    "bad_A_inf": .infinite(operand: "matrix", index: 1),
    "bad_A_shape": .shapeMismatch(operand: "fine", expected: [1, 3], actual: [4]),
    "bad_csr_indptr_length": .rowStarts(index: 1, value: 2),
    "bad_csr_indptr_decreasing": .rowStarts(index: 1, value: 5),
    "bad_csr_index": .columnOutOfRange(entry: 3, column: 4, fineCount: 4),
    "bad_weight_zero": .notPositive(operand: "weights", index: 0, value: 0),
    "bad_weight_negative": .notPositive(operand: "weights", index: 1, value: -1),
    "bad_weight_nan": .notANumber(operand: "weights", index: 0),
    "bad_phi_nan": .notANumber(operand: "fine", index: 1),
    "bad_phi_plus_inf": .infinite(operand: "fine", index: 1),
    "bad_phi_all_minus_inf": .noMass(operand: "fine"),
  ]

  @Test(arguments: KLCase.cases("malformed").filter { $0.expected_status == "invalid_input" })
  func `wrong data are refused by the error that names them`(_ item: KLCase) throws {
    let expected = try #require(Self.expected[item.name])
    for method in [ProjectionSettings.Method.automatic, .newton] {
      do {
        let result = try Self.project(item, method)[0]
        #expect(result.status == .invalid(expected))
        #expect(result.fine.allSatisfy { $0 == 0 } && result.coarse.allSatisfy { $0 == 0 })
        #expect(result.witness.allSatisfy { $0 == 0 })
      } catch let error as ProjectionError {
        #expect(error == expected)
      }
    }
  }

  @Test(arguments: KLCase.cases("malformed").filter { $0.expected_status != "invalid_input" })
  func `odd data are normalized and solved`(_ item: KLCase) throws {
    let expected = try #require(item.result)
    for method in [ProjectionSettings.Method.automatic, .newton] {
      let result = try Self.project(item, method)[0]
      #expect(result.status == .solved)
      #expect(maximumAbsoluteDifference(result.fine, expected.mu) < 1e-15)
      #expect(maximumAbsoluteDifference(result.coarse, expected.nu) < 1e-15)
      #expect(maximumAbsoluteDifference(result.witness, expected.lambda) < 1e-15)
      #expect(abs(result.gap) < 1e-14)
    }
  }

  private static func project(
    _ item: KLCase, _ method: ProjectionSettings.Method
  ) throws -> ProjectionBatch<Double> {
    let inline = try #require(item.inline)
    func values(_ numbers: [KLCase.Number]?) -> [Double]? { numbers?.map { $0.value } }
    let marginalization =
      if let labels = inline.labels {
        try Marginalization(labels: labels, coarseCount: inline.n)
      } else if let dense = inline.A_dense {
        try Marginalization(
          matrix: dense.map { $0.map { $0.value } }, fineCount: dense[0].count)
      } else {
        try Marginalization(
          rowStarts: inline.A_csr?.indptr ?? [], columnIndices: inline.A_csr?.indices ?? [],
          values: values(inline.A_csr?.values) ?? [], fineCount: inline.A_csr?.m ?? 0)
      }
    let weights = inline.weights.map { $0.value }
    let projection = MarginalProjection(
      marginalization, weights: try ProjectionWeights(fine: weights[0], coarse: weights[1]),
      settings: ProjectionSettings(method: method))
    if let fine = values(inline.tau), let coarse = values(inline.rho) {
      return try projection.project(fine: fine, coarse: coarse)
    }
    return try projection.project(
      fine: values(inline.phi_f) ?? [], coarse: values(inline.phi_c) ?? [], as: .potentials)
  }
}
