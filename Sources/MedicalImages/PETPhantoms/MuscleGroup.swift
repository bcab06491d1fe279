/// Muscles that a simulated patient may have raised uptake in; both sides together.
public enum MuscleGroup: String, Sendable, CaseIterable, Codable {
  /// Neck, from behind the ear to the breastbone.
  case sternocleidomastoid
  /// From the neck to the shoulders.
  case trapezius
  /// Over the shoulder joint.
  case deltoid
  /// Chest.
  case pectoral
  /// Upper arm, in front.
  case biceps
  /// Along the spine, behind.
  case paraspinal
  /// From the lumbar spine to the thigh.
  case psoas
  /// Buttock.
  case gluteal
  /// Thigh, in front.
  case quadriceps

  /// The shapes of one side, in mm of a body of 1.75 m.
  ///
  /// - Parameters:
  ///   - side: +1 for the patient's right, −1 for the left.
  ///   - scale: The patient's size over that of the reference along x, y, z.
  /// - Returns: Shapes that together are the muscles of that side.
  func shapes(side: Double, scale: SIMD3<Double>) -> [BodyShape] {
    let girth = (scale.x + scale.y) / 2
    func at(_ x: Double, _ y: Double, _ z: Double) -> SIMD3<Double> {
      SIMD3(side * x, y, z) * scale
    }
    func chain(_ points: [(SIMD3<Double>, Double)]) -> [BodyShape] {
      zip(points, points.dropFirst()).map { a, b in
        .cone(from: a.0, a.1 * girth, to: b.0, b.1 * girth)
      }
    }
    func bulk(_ center: SIMD3<Double>, _ axes: SIMD3<Double>, tilt: Double = 0) -> BodyShape {
      .superellipsoid(center: center, axes: axes * scale, tilt: side * tilt)
    }
    switch self {
    case .sternocleidomastoid:
      return chain([(at(52, -12, 1570), 8), (at(36, 18, 1510), 9), (at(18, 42, 1455), 7)])
    case .trapezius:
      return chain([(at(24, -46, 1545), 11), (at(38, -48, 1480), 14)])
        + [bulk(at(88, -42, 1442), SIMD3(66, 17, 17), tilt: 0.32)]
    case .deltoid: return [bulk(at(186, -4, 1388), SIMD3(30, 38, 58), tilt: 0.12)]
    case .pectoral: return [bulk(at(82, 82, 1335), SIMD3(70, 13, 46), tilt: -0.25)]
    case .biceps:
      return chain([(at(196, 16, 1320), 15), (at(210, 16, 1240), 20), (at(220, 12, 1170), 14)])
    case .paraspinal:
      return chain([
        (at(30, -84, 960), 15), (at(34, -84, 1080), 19), (at(32, -88, 1260), 15),
        (at(24, -66, 1430), 12),
      ])
    case .psoas:
      return chain([
        (at(36, -38, 1120), 12), (at(46, -22, 1030), 19), (at(64, 8, 950), 19),
        (at(84, 22, 890), 13),
      ])
    case .gluteal: return [bulk(at(82, -78, 902), SIMD3(60, 34, 64))]
    case .quadriceps:
      return chain([(at(94, 34, 840), 32), (at(90, 36, 720), 38), (at(82, 28, 560), 30)])
    }
  }
}
