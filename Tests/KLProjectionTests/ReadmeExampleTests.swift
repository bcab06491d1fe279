import ConvexKit
import Foundation
import KLProjection
import Testing

// The README's examples, line by line.
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

// second example
func invest(returns: Vector<Double>, covariance: Matrix<Double>) throws {
  let x = Variable(3, .nonnegative, name: "x")
  let caution = Parameter(.nonnegative, name: "γ")
  let budget = sum(x) == 1
  let problem = try Problem(
    maximize: dot(returns, x) - caution * quadForm(x, covariance), subjectTo: [budget, x <= 0.6])
  for γ in [1.0, 4, 16] {  // checked and canonicalized once, refilled three times
    let solution = try problem.solve(parameters: [caution: γ])
    guard solution.status == .solved else { return print(solution.status) }
    print(solution.value(of: x).vector.elements, "certified to", solution.residuals.gap)
    print("one more unit to invest is worth", solution.dual(of: budget).scalar)
  }
}
// end of second example

@Suite struct ReadmeExampleTests {
  @Test func `the examples of the README run`() throws {
    try agree()
    let covariance = Matrix<Double>(rows: 3, columns: 3) { $0 == $1 ? 0.1 * Double($0 + 1) : 0.01 }
    try invest(returns: [0.03, 0.07, 0.12], covariance: covariance)
  }

  @Test(arguments: [("KLProjection", "example"), ("ConvexKit", "second example")])
  func `the README shows exactly these examples`(module: String, name: String) throws {
    let here = URL(fileURLWithPath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let source = try String(contentsOf: here, encoding: .utf8)
    let start = try #require(source.range(of: "\n// \(name)\n")).upperBound
    let end = try #require(source.range(of: "// end of \(name)\n")).lowerBound
    let readme = try String(
      contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
    #expect(readme.contains("```swift\nimport \(module)\n\n\(source[start..<end])```"))
  }
}
