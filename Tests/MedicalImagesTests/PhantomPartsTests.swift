import ConvexKit
import Foundation
import Testing

@testable import MedicalImages

@Suite struct PhantomPartsTests {
  private func field(_ amplitude: Double, _ frame: GridFrame) -> SmoothField {
    var generator = SeededGenerator(seed: 3)
    return SmoothField(spacing: 40, amplitude: amplitude, over: frame, &generator)
  }

  @Test func `a smooth field on a grid is the field at its places, and bounded`() {
    let frame = GridFrame(spacing: 8, center: SIMD3(1, 2, 3))
    let field = field(2, frame)
    let samples = field.sampled(on: frame)
    for position in stride(from: 0, to: frame.count, by: 331) {
      let (nx, ny) = (frame.shape[0], frame.shape[1])
      let index = SIMD3(
        Double(position % nx), Double(position / nx % ny), Double(position / (nx * ny)))
      #expect(abs(Double(samples[position]) - field(frame.affine(index))) < 1e-6)
    }
    #expect(samples.allSatisfy { abs($0) <= 2 })
  }

  @Test func `a front of speed one arrives after the distance`() {
    let n = 21
    var source = [Bool](repeating: false, count: n * n * n)
    source[10 + n * (10 + n * 10)] = true
    let times = TravelTime.solve(
      speed: [Float](repeating: 1, count: n * n * n), isSource: source, shape: [n, n, n], step: 2)
    for (i, j, k) in [(10, 10, 10), (20, 10, 10), (10, 0, 10), (10, 10, 13)] {
      let exact = Float(2 * (abs(i - 10) + abs(j - 10) + abs(k - 10)))
      #expect(abs(times[i + n * (j + n * k)] - exact) < 1e-4)
    }
    // Off the axes the first-order scheme is late, by less than a tenth at this distance.
    let corner = times[0]
    let exact = 2 * Float(300).squareRoot()
    #expect(corner >= exact && corner < 1.1 * exact)
  }

  @Test func `a front goes around a wall and is slow where the speed is low`() {
    // A 5x3x1 grid with a wall in the middle column but for the last row.
    var speed = [Float](repeating: 1, count: 15)
    (speed[2], speed[7]) = (0, 0)
    var source = [Bool](repeating: false, count: 15)
    source[0] = true
    let times = TravelTime.solve(speed: speed, isSource: source, shape: [5, 3, 1], step: 1)
    #expect(times[2] == .infinity)
    #expect(times[4] > 4.5 && times[4] < 8)
    let slow = TravelTime.solve(
      speed: speed.map { $0 / 4 }, isSource: source, shape: [5, 3, 1], step: 1)
    #expect(abs(slow[4] - 4 * times[4]) < 1e-3)
    speed[12] = 0
    let closed = TravelTime.solve(speed: speed, isSource: source, shape: [5, 3, 1], step: 1)
    #expect(closed[4] == .infinity)
  }

  @Test func `tissue fractions are linear between the class means`() throws {
    // Three equal classes at 10, 50 and 90, and a few voxels between.
    let voxels = (0..<1000).map { [Float(10), 50, 90][$0 % 3] }
    let template = try Template(
      Volume(
        name: "t", shape: [10, 10, 10], voxels: voxels, affine: Affine(spacing: SIMD3(1, 1, 1))))
    #expect(abs(template.means.x - 10) < 0.2 && abs(template.means.z - 90) < 0.2)
    let fluid = template.fractions(of: 1)
    #expect(fluid == TissueFractions(fluid: 1, gray: 0, white: 0))
    let half = template.fractions(of: (template.means.x + template.means.y) / 2)
    #expect(abs(half.fluid - 0.5) < 1e-5 && abs(half.gray - 0.5) < 1e-5)
    let white = template.fractions(of: 200)
    #expect(white == TissueFractions(fluid: 0, gray: 0, white: 1))
  }

  @Test func `intensities are trilinear inside and nil outside`() throws {
    let voxels = (0..<64).map { Float($0 % 4 + 1) * 10 }
    let template = try Template(
      Volume(name: "t", shape: [4, 4, 4], voxels: voxels, affine: Affine(spacing: SIMD3(2, 2, 2))))
    #expect(template.intensity(at: SIMD3(2, 2, 2)) == 20)
    #expect(template.intensity(at: SIMD3(3, 2.5, 2.5)) == 25)
    #expect(template.intensity(at: SIMD3(-1, 2, 2)) == nil)
    #expect(template.intensity(at: SIMD3(2, 2, 100)) == nil)
  }

  @Test func `signals follow the equations of the sequences`() {
    var generator = SeededGenerator(seed: 1)
    let model = SignalModel(variation: 0, &generator)
    let t1 = Float(0.70 * (1 - exp(-500.0 / 700)) * exp(-10.0 / 80))
    #expect(abs(model[.t1, .white] - t1) < 1e-6)
    let flair = Float(1 * (1 - 2 * exp(-2500.0 / 4000) + exp(-9000.0 / 4000)) * exp(-120.0 / 2000))
    #expect(abs(model[.flair, .fluid] - flair) < 1e-6)
    #expect(model[.t1, .white] > model[.t1, .gray] && model[.t1, .gray] > model[.t1, .fluid])
    #expect(model[.t2, .fluid] > model[.t2, .gray] && model[.t2, .gray] > model[.t2, .white])
    #expect(model[.flair, .edema] > model[.flair, .gray])
    #expect(model[.flair, .white] > 2 * model[.flair, .fluid])
    #expect(model.uptake.lowerBound > model[.t1, .white])
  }

  @Test func `noise is standard normal in both channels`() {
    var generator = SeededGenerator(seed: 9)
    let pairs = (0..<20000).map { _ in generator.normalPair() }
    for channel in 0..<2 {
      let mean = pairs.reduce(0.0) { $0 + Double($1[channel]) } / 20000
      let variance = pairs.reduce(0.0) { $0 + Double($1[channel] * $1[channel]) } / 20000
      #expect(abs(mean) < 0.03 && abs(variance - 1) < 0.05)
    }
    let covariance = pairs.reduce(0.0) { $0 + Double($1.x * $1.y) } / 20000
    #expect(abs(covariance) < 0.03)
  }
}
