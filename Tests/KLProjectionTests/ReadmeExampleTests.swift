import Foundation
import KLProjection
import Testing

// The README's example, line by line.
// example
func agree() throws {
  let fine = (0..<64).map { -Double($0 % 8) / 2 }  // potentials φ of an 8×8 map
  let coarse = (0..<16).map { $0 == 7 ? 3.0 : 0.0 }  // potentials ψ of a 4×4 map
  let projection = try MarginalProjection(fine: [8, 8], coarse: [4, 4])
  let result = try projection.project(fine: fine, coarse: coarse, as: .potentials)[0]
  guard result.status == .solved else { return print(result.status, result.residual) }
  print("the maps disagree by \(result.optimum) nats, certified to \(result.gap)")
  print("cell 7 of the coarse map should have \(result.coarse[7]); λ there is \(result.witness[7])")
  let gradient = try result.optimumGradient()  // of the disagreement, for a training step
  print("the potentials of row 0 should move by", gradient.fine.prefix(8).map { -$0 })
}
// end of example

@Suite struct ReadmeExampleTests {
  @Test func `the example of the README runs`() throws {
    try agree()
  }

  @Test func `the README shows exactly this example`() throws {
    let here = URL(fileURLWithPath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let source = try String(contentsOf: here, encoding: .utf8)
    let start = try #require(source.range(of: "// example\n")).upperBound
    let end = try #require(source.range(of: "// end of example\n")).lowerBound
    let readme = try String(
      contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    #expect(readme.contains("```swift\nimport KLProjection\n\n\(source[start..<end])```"))
  }
}
