import ArrayFiles
import ConvexKit
import Explanations
import Networks
import TestSupport
import Testing

@Suite struct PerturbationTests {
  @Test(arguments: try ReferenceData.set.cases("metrics", "perturbation"))
  func `curves and areas are the reference's`(_ reference: FixtureCase) throws {
    let network = try Self.network(reference)
    let images = try Self.images()
    let labels = try reference.integers("label")
    let maps = try reference.stored("map")
    let curve = try PerturbationCurve(network, images: images, labels: labels, maps: maps)
    let accuracies = try #require(reference.numbers?["balanced_accuracy"]?.doubles)
    #expect(maximumAbsoluteDifference(curve.accuracies, accuracies) <= 1e-9)
    try reference.expectNumber("auc", curve.area)
    #expect(abs(curve.areaAboveChance - (curve.area - 1.0 / 3)) <= 1e-12)
    #expect(curve.predicted.flatMap { $0 } == (try reference.array("predicted").integers()))

    let perturbation = try Perturbation(images: images, maps: maps)
    let logits = try curve.fractions.flatMap {
      try perturbation.scores(network, removing: $0, batchSize: 7).elements
    }
    try reference.expect("logits", logits)
    let kept = curve.fractions.flatMap { perturbation.kept(sample: 0, removing: $0) }
    #expect(kept == (try reference.array("keep_sample0").integers().map { $0 != 0 }))
  }

  @Test func `pixels go in the order asked for, ties in row order`() throws {
    let images = Tensor([1, 2, 3, 4, 5, 6, 7, 8], shape: [1, 2, 2, 2])
    let maps = Tensor([2, 1, 2, 1], shape: [1, 2, 2])
    func kept(_ settings: PerturbationProtocol, _ fraction: Double) throws -> [Bool] {
      try Perturbation(images: images, maps: maps, settings: settings)
        .kept(sample: 0, removing: fraction)
    }
    #expect(try kept(.init(), 0.25) == [true, false, true, true])
    #expect(try kept(.init(), 0.5) == [true, false, true, false])
    #expect(try kept(.init(), 0.74) == [true, false, true, false])
    #expect(try kept(.init(order: .descending), 0.25) == [false, true, true, true])
    #expect(try kept(.init(), 1) == [false, false, false, false])
  }

  @Test func `a removed pixel becomes the constant or its channel's mean`() throws {
    let images = Tensor([1, 2, 3, 4, 5, 6, 7, 8], shape: [1, 2, 2, 2])
    let maps = Tensor([0, 1, 2, 3], shape: [1, 1, 2, 2])
    func result(_ fill: PerturbationProtocol.Fill) throws -> [Float] {
      try Perturbation(images: images, maps: maps, settings: .init(fill: fill))
        .images(removing: 0.25).elements
    }
    #expect(try result(.constant(-1)) == [-1, 2, 3, 4, -1, 6, 7, 8])
    #expect(try result(.channelMean) == [2.5, 2, 3, 4, 6.5, 6, 7, 8])
  }

  @Test func `areas are by trapezoids over uneven fractions`() {
    let curve = PerturbationCurve(
      fractions: [0, 0.25, 1], accuracies: [1, 0.5, 0.25], chance: 0.5)
    #expect(curve.area == 0.25 * 0.75 + 0.75 * 0.375)
    #expect(curve.areaAboveChance == curve.area - 0.5)
  }

  @Test func `maps and labels that do not fit the images are refused`() throws {
    let reference = try #require(try ReferenceData.set.cases("metrics", "perturbation").first)
    let network = try Self.network(reference)
    let images = Tensor(repeating: 0, shape: [2, 2, 16, 16])
    #expect(
      throws: ExplanationError.shapeMismatch(
        operand: "maps", expected: [2, 1, -1, -1], actual: [3, 4, 4])
    ) { try Perturbation(images: images, maps: Tensor(repeating: 0, shape: [3, 4, 4])) }
    #expect(
      throws: ExplanationError.shapeMismatch(
        operand: "images", expected: [-1, -1, -1, -1], actual: [2, 2])
    ) {
      try Perturbation(
        images: Tensor(repeating: 0, shape: [2, 2]), maps: Tensor(repeating: 0, shape: [2, 4, 4]))
    }
    let maps = Tensor(repeating: 0, shape: [2, 4, 4])
    #expect(throws: ExplanationError.targetCount(expected: 2, actual: 1)) {
      try PerturbationCurve(network, images: images, labels: [0], maps: maps)
    }
    for label in [-1, 3] {
      #expect(throws: ExplanationError.noSuchClass(index: label, count: 3)) {
        try PerturbationCurve(network, images: images, labels: [0, label], maps: maps)
      }
    }
    let broken = Tensor([0, 1, 2, .nan], shape: [2, 1, 2])
    #expect(throws: ExplanationError.notANumber(operand: "maps", sample: 1)) {
      try Perturbation(images: images, maps: broken)
    }
  }

  /// The images of all cases, which are stored once.
  private static func images() throws -> Tensor {
    let first = try #require(
      try ReferenceData.set.cases("metrics", "perturbation").first {
        $0.inputs["x"]?.stored == true
      })
    return try first.input("x")
  }

  /// The trained classifier of the cases.
  private static func network(_ reference: FixtureCase) throws -> ExplainedNetwork {
    let about = try #require(
      try ReferenceData.set.json("models.json")["perturbation_net"]?["about"])
    let channels = try #require(about["channels"]?.int)
    let size = try #require(about["size"]?.ints)
    let model = PlainNetwork(
      channels: channels, widths: try #require(about["widths"]?.ints),
      classes: try #require(about["classes"]?.int), size: size)
    let stored = try ReferenceData.set.file(try #require(reference.model)).arrays
    // The file stores counters as vectors of one element.
    try model.load(
      stored.mapValues { array in
        array.shape == [1] && array.elementType == .i64
          ? StoredArray(try array.integers().map { Int64($0) }, shape: []) : array
      })
    model.setTraining(false)
    return ExplainedNetwork(model, imageShape: [channels] + size) { model.output($0) }
  }
}
