import Explanations
import Networks
import TestSupport
import Testing

@Suite struct PostProcessingTests {
  @Test(arguments: try ReferenceData.set.cases("xai", "postprocess"))
  func `every step is the reference's`(_ reference: FixtureCase) throws {
    let attribution = try reference.stored("attribution")
    let factor = try #require(reference.attrs["factor"]?.int)
    let cells = attribution.shape.suffix(2).map { $0 / factor }
    func expectSteps(_ prefix: String, constantIsZero: Bool) throws {
      let unit = attribution.unit(constantIsZero: constantIsZero)
      let steps: [(String, Tensor)] = [
        ("unit", unit), ("channel_sum", unit.channelSum()),
        ("softmax", unit.channelSum().cellSoftmax()),
        ("pooled", try unit.channelSum().cellSoftmax().summed(toCells: cells)),
      ]
      for (name, value) in steps {
        let shape = try #require(reference.outputs[prefix + name]).shape
        try reference.expect(prefix + name, value.reshaped(shape))
      }
    }
    try expectSteps("", constantIsZero: reference.outputs["safe_unit"] == nil)
    if reference.outputs["safe_unit"] != nil {
      try expectSteps("safe_", constantIsZero: true)
      let map = try attribution.distribution(overCells: cells)
      try reference.expect("safe_pooled", map.reshaped(Array(map.shape.dropFirst())))
    }
  }

  @Test func `cells that do not divide a map are refused`() {
    let map = Tensor(repeating: 1, shape: [1, 1, 6, 6])
    #expect(
      throws: ExplanationError.shapeMismatch(
        operand: "a map for cells [4, 3]", expected: [-1, -1, 4, 3], actual: [1, 1, 6, 6])
    ) { try map.summed(toCells: [4, 3]) }
  }
}
