import ConvexKit
import KLProjection

/// A batch of seeded maps and the projection that makes them agree.
struct ProjectionInstance: Sendable {
  let name: String
  let projection: MarginalProjection
  let form: AttentionForm
  let fine: [Float]
  let coarse: [Float]

  /// The paper's grids and half of them, by the closed form and by Newton's method.
  static let all: [ProjectionInstance] = [
    grid(fine: 32, coarse: 16, count: 256, .probabilities),
    grid(fine: 32, coarse: 16, count: 256, .potentials),
    grid(fine: 64, coarse: 32, count: 64, .probabilities),
    grid(fine: 64, coarse: 32, count: 64, .potentials),
    grid(fine: 32, coarse: 16, count: 16, .probabilities, .newton),
  ].compactMap { $0 }

  private static func grid(
    fine: Int, coarse: Int, count: Int, _ form: AttentionForm,
    _ method: ProjectionSettings.Method = .automatic
  ) -> ProjectionInstance? {
    var generator = SeededGenerator(seed: 1, name: "\(fine)")
    let name = "\(count) maps \(fine)x\(fine) to \(coarse)x\(coarse), \(form), \(method)"
    func map(_ side: Int) -> [Float] {
      (0..<count * side * side).map { _ in
        form == .potentials ? Float(generator.normal()) : Float(generator.uniform())
      }
    }
    guard
      let projection = try? MarginalProjection(
        fine: [fine, fine], coarse: [coarse, coarse], settings: ProjectionSettings(method: method))
    else { return nil }
    return ProjectionInstance(
      name: name, projection: projection, form: form, fine: map(fine), coarse: map(coarse))
  }

  func solve() throws -> ProjectionBatch<Float> {
    try projection.project(fine: fine, coarse: coarse, as: form)
  }

  /// Every sample is solved, and its certificate closes.
  func check() throws {
    for result in try solve() where result.status != .solved || abs(result.gap) > 1e-5 {
      throw WrongAnswer(description: "\(name): \(result.status), gap \(result.gap)")
    }
  }
}

/// An answer that is not the right one: its speed means nothing.
struct WrongAnswer: Error, CustomStringConvertible {
  let description: String
}
