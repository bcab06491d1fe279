import ConvexKit
import Foundation

/// Where a simulated glioma is and how large; recorded beside the patient's files.
public struct TumorPlan: Sendable, Equatable, Codable {
  /// The side of the head that holds all of it: no simulated tumor crosses the midline.
  public let side: Side
  /// The middle of the core in mm.
  public let center: SIMD3<Double>
  /// The core's mean radius in mm.
  public let coreRadius: Double
  /// The core's half axes, as multiples of the radius.
  public let axes: SIMD3<Double>
  /// The turn of the axes about the vertical, in radians.
  public let angle: Double
  /// The mean thickness of the enhancing rim in mm.
  public let rimThickness: Double
  /// How far edema spreads through white matter, in mm.
  public let edemaReach: Double
  /// The strength α of the mass effect.
  public let massEffect: Double
  /// The radius σ of the mass effect in mm.
  public let massEffectRadius: Double

  /// +1 on the right, −1 on the left.
  var sideSign: Double { side == .right ? 1 : -1 }

  /// Chooses a tumor: its center in white matter, its core inside the brain and on one side.
  ///
  /// Candidates are drawn until one fits; the core shrinks by 5 % after every 200 that do not.
  ///
  /// - Throws: ``ImageError/invalidParameter(name:value:allowed:)`` for a template without room.
  init(
    in anatomy: Deformation.Anatomy, template: Template, settings: PhantomSettings,
    _ generator: inout SeededGenerator
  ) throws(ImageError) {
    func draw(_ range: ClosedRange<Double>) -> Double {
      range.lowerBound + (range.upperBound - range.lowerBound) * generator.uniform()
    }
    side = generator.uniform() < 0.5 ? .left : .right
    let sign = side == .right ? 1.0 : -1
    var radius = draw(settings.coreRadius)
    axes = SIMD3(draw(0.8...1.2), draw(0.9...1.3), draw(0.8...1.1))
    angle = draw(-0.6...0.6)
    rimThickness = draw(2.5...5)
    edemaReach = draw(settings.edemaReach)
    massEffect = draw(settings.massEffect)
    for attempt in 1...8000 {
      let offset = SIMD3(sign * draw(18...48), draw(-65...60), draw(-30...42))
      let place = template.center + offset
      if Self.fits(radius, at: place, anatomy, template) {
        (center, coreRadius, massEffectRadius) = (place, radius, radius + 5)
        return
      }
      if attempt % 200 == 0 { radius *= 0.95 }
    }
    throw .invalidParameter(
      name: "template", value: template.volume.name,
      allowed: "a skull-stripped T1-weighted brain with white matter on both sides of x = 0")
  }

  /// White matter in the middle, brain all around, little fluid, and the midline out of reach.
  private static func fits(
    _ radius: Double, at place: SIMD3<Double>, _ anatomy: Deformation.Anatomy, _ template: Template
  ) -> Bool {
    guard abs(place.x) >= 1.1 * radius + 3,
      let middle = template.intensity(at: anatomy(place)),
      template.fractions(of: middle).white > 0.6
    else { return false }
    var fluid: Float = 0
    var count: Float = 0
    for direction in directions {
      for reach in [0.5 * radius, radius + 2] {
        guard let value = template.intensity(at: anatomy(place + direction * reach)) else {
          return false
        }
        fluid += template.fractions(of: value).fluid
        count += 1
      }
    }
    return fluid < 0.2 * count
  }

  /// The faces and corners of a cube, as unit vectors.
  private static let directions: [SIMD3<Double>] = {
    var list: [SIMD3<Double>] = []
    for x in -1...1 {
      for y in -1...1 {
        for z in -1...1 where [1, 3].contains(x * x + y * y + z * z) {
          let v = SIMD3(Double(x), Double(y), Double(z))
          list.append(v / length(v))
        }
      }
    }
    return list
  }()

  /// The distance from the center in mm, scaled by the axes so that the core's surface is at the
  /// core's radius.
  func radialDistance(of place: SIMD3<Double>) -> Double {
    let d = place - center
    let (c, s) = (cos(angle), sin(angle))
    return length(SIMD3(c * d.x + s * d.y, c * d.y - s * d.x, d.z) / axes)
  }
}
