import ConvexKit
import Foundation
import Networks
import Testing

/// Every pullback against differences of its own primitive.
///
/// For a random cotangent w and a random direction v, with L(t) = ⟨w, f(x + t v)⟩,
///
///     L′(0) ≈ [8 (L(h) − L(−h)) − (L(2h) − L(−2h))] / 12h
///
/// up to h⁴ and rounding/h, and L′(0) = ⟨pullback of w, v⟩.
@Suite struct CentralDifferenceTests {
  @Test func `every primitive has an example`() throws {
    #expect(Set(try PrimitiveExample.all().keys) == Set(Primitives.names))
    #expect(Set(Primitives.names).count == Primitives.names.count)
  }

  @Test func `every primitive that the sources declare is listed`() throws {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/Networks").standardizedFileURL
    let files = try #require(FileManager.default.enumerator(atPath: sources.path))
    var declared = 0
    for case let file as String in files where file.hasSuffix(".swift") {
      let text = try String(
        contentsOf: sources.appendingPathComponent(file), encoding: .utf8)
      declared += text.split(separator: "\n").count {
        $0.contains("static let") && $0.contains("= Primitive<") && !$0.contains("///")
      }
    }
    #expect(declared == Primitives.names.count)
  }

  @Test(arguments: Primitives.names)
  func `pullbacks are the derivatives`(_ name: String) throws {
    var generator = SeededGenerator(seed: 2, name: name)
    for example in try #require(try PrimitiveExample.all()[name]) {
      let inputs = example.inputs.map { $0.differentiable() }
      let y = example.compute(inputs)
      #expect(y.tape().contains { $0.primitive == name })
      let w = Tensor.normal(y.shape, using: &generator)
      let gradients = y.pullBack(w)

      for (index, input) in inputs.enumerated() {
        let gradient = try #require(gradients[input])
        for _ in 0..<3 {
          let v = Tensor.normal(input.shape, using: &generator)
          let expected = dot(gradient, v)
          let difference = centralDifference(example, index, v, w)
          let scale = max(1, (dot(gradient, gradient) * dot(v, v)).squareRoot())
          #expect(abs(difference - expected) <= 2e-3 * scale, "\(name), input \(index)")
        }
      }
    }
  }

  @Test(arguments: Primitives.names)
  func `pullbacks read what the tape kept`(_ name: String) throws {
    var generator = SeededGenerator(seed: 3, name: name)
    for example in try #require(try PrimitiveExample.all()[name]) {
      // Computed operands: the tape keeps those that nobody computed in any case.
      let y = example.compute(example.inputs.map { 1 * $0.differentiable() })
      let w = Tensor.normal(y.shape, using: &generator)
      let (_, profile) = Profile.measuring { y.pullBack(w) }
      #expect(profile.rows.contains { $0.name == name })
      #expect(!profile.rows.contains { $0.name == "recomputation" })
    }
  }

  @Test(arguments: Primitives.names)
  func `values that the tape did not keep are computed again to the bit`(_ name: String) throws {
    for example in try #require(try PrimitiveExample.all()[name]) {
      func tape() -> [Application] {
        example.compute(example.inputs.map { 1 * $0.differentiable() }).tape()
      }
      let (short, full) = (tape(), withAllValuesKept { tape() })
      #expect(short.map(\.primitive) == full.map(\.primitive))
      for (a, b) in zip(short, full) {
        #expect(a.output.elements.map(\.bitPattern) == b.output.elements.map(\.bitPattern))
        #expect(a.inputs.map(\.elements) == b.inputs.map(\.elements))
      }
    }
  }

  private func centralDifference(
    _ example: PrimitiveExample, _ index: Int, _ v: Tensor, _ w: Tensor
  ) -> Double {
    let h: Float = 0.02
    // A direction that moves no element by more than the examples keep away from kinks.
    let reach = v.elements.reduce(1) { max($0, abs($1)) }
    func value(_ t: Float) -> Double {
      var inputs = example.inputs
      inputs[index] = inputs[index] + (t / reach) * v
      return dot(example.compute(inputs), w)
    }
    let difference = 8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))
    return difference / Double(12 * h) * Double(reach)
  }

  private func dot(_ a: Tensor, _ b: Tensor) -> Double {
    zip(a.elements, b.elements).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
