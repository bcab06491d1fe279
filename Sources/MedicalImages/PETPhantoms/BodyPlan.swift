import ConvexKit
import Foundation

// A patient as a list of shapes with uptake, painted in order. Coordinates are mm of a body of 1.75 m:
// x to the patient's right from the midline, y to the front, z from the floor; the patient's own scale
// along each axis is applied to places and sizes.
//
// Uptake, SUV by body weight about an hour after injection, from ranges that are commonly published
// for FDG in adults (means of organs; hot spots beyond): cortex 7-11, white matter about 4,
// liver 1.9-2.7, spleen 1.5-2.2, blood 1.3-1.9, fasting heart muscle 1.5-9, kidney cortex 2.2-4, renal
// pelvis 4-18, bladder 6-30, bowel 0.8-3, marrow 1-1.6, resting muscle 0.55-0.9, lung 0.35-0.6,
// fat 0.2-0.4.

/// The anatomy of one simulated patient.
struct BodyPlan: Sendable {
  /// A shape and its uptake.
  struct Part: Sendable {
    let shape: BodyShape
    let uptake: Double
    /// Relative amplitude of uneven uptake.
    let unevenness: Double
  }

  /// The patient's size over that of the reference, along x, y, z.
  let scale: SIMD3<Double>
  /// Thickness of the fat in mm.
  let fat: Double
  /// Uptake of the liver, which the noise refers to.
  let liver: Double
  /// Uptake of muscle at rest.
  let muscle: Double
  private(set) var parts: [Part] = []

  /// Draws a patient.
  ///
  /// - Parameters:
  ///   - muscles: The uptake of each altered group.
  ///   - random: Where the variation comes from.
  init(altered muscles: [MuscleGroup: Double], _ random: inout SeededGenerator) {
    scale = SIMD3(
      random.uniform(in: 0.92..<1.12), random.uniform(in: 0.92..<1.15),
      random.uniform(in: 0.93..<1.06))
    fat = random.uniform(in: 5..<24)
    liver = random.uniform(in: 1.9..<2.7)
    muscle = random.uniform(in: 0.55..<0.9)
    outline(&random)
    chest(&random)
    for group in MuscleGroup.allCases { paint(group, muscles[group], &random) }
    abdomen(&random)
    head(&random)
  }

  /// Weight in kg: that of a reference body of 68 kg with the same proportions, and the fat.
  var weight: Double { 68 * scale.x * scale.y * scale.z * (0.88 + fat / 80) }

  private func at(_ x: Double, _ y: Double, _ z: Double) -> SIMD3<Double> {
    SIMD3(x, y, z) * scale
  }

  private mutating func add(_ shape: BodyShape, _ uptake: Double, uneven: Double = 0.08) {
    parts.append(Part(shape: shape, uptake: uptake, unevenness: uneven))
  }

  /// A superellipsoid whose center and size vary.
  private mutating func organ(
    _ center: SIMD3<Double>, _ axes: SIMD3<Double>, _ uptake: Double, tilt: Double = 0,
    roundness: Roundness = .ellipse, jitter: Double = 5, uneven: Double = 0.08,
    _ random: inout SeededGenerator
  ) {
    let shift = SIMD3(random.normal(), random.normal(), random.normal()) * (jitter / 2)
    let size = random.uniform(in: 0.9..<1.1)
    add(
      .superellipsoid(
        center: center + shift, axes: axes * scale * size, tilt: tilt, roundness),
      uptake, uneven: uneven)
  }

  /// A chain of round cones through points.
  private mutating func tube(
    _ points: [SIMD3<Double>], _ radius: Double, _ uptake: Double, uneven: Double = 0.08
  ) {
    for (a, b) in zip(points, points.dropFirst()) {
      add(.cone(from: a, radius, to: b, radius), uptake, uneven: uneven)
    }
  }

  // MARK: Outline, limbs, bones

  private static let torso: [(z: Double, y: Double, width: Double, depth: Double)] = [
    (820, -6, 150, 92), (870, -8, 166, 108), (910, -8, 170, 112), (970, -5, 156, 104),
    (1050, 0, 138, 96), (1130, 0, 138, 98), (1230, 4, 150, 106), (1320, 4, 162, 106),
    (1390, -2, 168, 92), (1430, -8, 140, 76), (1460, -12, 96, 64), (1490, -12, 64, 57),
    (1530, -8, 56, 55), (1580, 0, 55, 58),
  ]

  private mutating func outline(_ random: inout SeededGenerator) {
    let arm = random.uniform(in: -12..<12)
    let fatUptake = random.uniform(in: 0.2..<0.4)
    for (layer, uptake) in [(fat, fatUptake), (0, muscle)] {
      let stations = Self.torso.map { s in
        // Less fat over neck and shoulders.
        let extra = layer * (s.z > 1420 ? 0.4 : 1)
        return BodyShape.Station(
          z: s.z * scale.z, centerY: s.y * scale.y, halfWidth: s.width * scale.x + extra,
          halfDepth: s.depth * scale.y + extra)
      }
      add(.loft(stations), uptake)
      let thin = layer * 0.4
      add(
        .superellipsoid(
          center: at(0, 8, 1640), axes: SIMD3(73, 92, 112) * scale + thin / 2), uptake)
      add(
        .superellipsoid(center: at(0, 50, 1568), axes: SIMD3(46, 42, 44) * scale + thin / 2), uptake
      )
      let girth = (scale.x + scale.y) / 2
      for side in [1.0, -1] {
        add(
          .cone(
            from: at(side * 90, -2, 860), 84 * girth + layer, to: at(side * 78, -5, 480),
            56 * girth + thin), uptake)
        let elbow = at(side * (222 + arm), -5, 1130)
        add(
          .cone(from: at(side * 182, -5, 1400), 48 * girth + thin, to: elbow, 38 * girth + thin),
          uptake)
        let wrist = at(side * (238 + arm), 25, 890)
        add(.cone(from: elbow, 38 * girth + thin, to: wrist, 27 * girth + thin / 2), uptake)
        add(
          .superellipsoid(
            center: wrist + SIMD3(0, 12, -75), axes: SIMD3(17, 38, 78) * scale), uptake)
      }
    }
    bones(elbow: 222 + arm, &random)
  }

  private mutating func bones(elbow: Double, _ random: inout SeededGenerator) {
    let marrow = random.uniform(in: 1..<1.6)
    tube(
      [
        at(0, -72, 900), at(0, -58, 970), at(0, -42, 1060), at(0, -58, 1180), at(0, -66, 1300),
        at(0, -50, 1420), at(0, -28, 1500), at(0, -18, 1575),
      ], 18, marrow, uneven: 0.12)
    for side in [1.0, -1] {
      organ(
        at(side * 82, -30, 975), SIMD3(14, 42, 52), marrow * 0.8, tilt: side * 0.5, &random)
      tube([at(side * 92, -2, 885), at(side * 82, 2, 560)], 13, 0.45)
      tube([at(side * 184, -6, 1390), at(side * elbow, -6, 1140)], 10, 0.45)
    }
    organ(at(0, 96, 1310), SIMD3(14, 7, 72), marrow * 0.7, jitter: 2, &random)
  }

  // MARK: Organs

  private mutating func chest(_ random: inout SeededGenerator) {
    let lung = random.uniform(in: 0.35..<0.6)
    organ(at(72, -2, 1292), SIMD3(60, 82, 118), lung, roundness: .boxy, &random)
    organ(at(-74, -2, 1290), SIMD3(56, 80, 116), lung, roundness: .boxy, &random)
    let blood = random.uniform(in: 1.3..<1.9)
    organ(at(2, -2, 1320), SIMD3(27, 52, 100), blood * 0.85, &random)
    tube([at(8, 5, 1330), at(-4, -20, 1365), at(-16, -44, 1330), at(-10, -30, 1060)], 11, blood)
    organ(at(-14, 30, 1250), SIMD3(52, 42, 48), blood, tilt: 0.5, &random)
    // Fasting hearts differ widely: the logarithm is uniform.
    let heart = exp(random.uniform(in: log(1.5)..<log(9)))
    let center = at(-36, 34, 1238)
    add(
      .superellipsoid(center: center, axes: SIMD3(42, 34, 34) * scale, tilt: 0.6), heart,
      uneven: 0.2)
    add(
      .superellipsoid(
        center: center + SIMD3(6, -3, 5), axes: SIMD3(30, 21, 21) * scale, tilt: 0.6), blood)
  }

  private mutating func abdomen(_ random: inout SeededGenerator) {
    organ(at(66, 5, 1168), SIMD3(74, 76, 66), liver, roundness: .boxy, uneven: 0.05, &random)
    organ(at(-6, 40, 1185), SIMD3(62, 36, 34), liver, tilt: -0.15, uneven: 0.05, &random)
    let spleen = random.uniform(in: 1.5..<2.2)
    organ(at(-106, -40, 1175), SIMD3(22, 38, 46), spleen, tilt: -0.2, &random)
    organ(at(-62, 32, 1160), SIMD3(34, 34, 46), random.uniform(in: 1.1..<2.2), uneven: 0.2, &random)
    let cortex = random.uniform(in: 2.2..<4)
    for side in [1.0, -1] {
      let center = at(side * 64, -42, side > 0 ? 1088 : 1102)
      organ(center, SIMD3(25, 23, 52), cortex, tilt: side * 0.2, jitter: 3, &random)
      organ(
        center - SIMD3(side * 8, 0, 2), SIMD3(9, 9, 20), random.uniform(in: 4..<18), jitter: 3,
        &random)
      if random.uniform() < 0.4 {
        tube(
          [at(side * 52, -36, 1055), at(side * 44, -14, 980), at(side * 26, -4, 900)], 3,
          random.uniform(in: 2..<8), uneven: 0.5)
      }
    }
    bowel(&random)
    let full = random.uniform(in: 0.75..<1.2)
    organ(
      at(0, 30, 872), SIMD3(42, 34, 33) * full, exp(random.uniform(in: log(6)..<log(30))), &random)
  }

  private mutating func bowel(_ random: inout SeededGenerator) {
    let level = exp(random.uniform(in: log(0.8)..<log(2.2)))
    let colon = [
      at(98, 8, 955), at(102, 8, 1020), at(96, 20, 1090), at(40, 62, 1078), at(-30, 64, 1072),
      at(-100, 10, 1105), at(-106, 0, 1030), at(-96, 10, 955), at(-40, 0, 915), at(0, -28, 880),
    ]
    for (a, b) in zip(colon, colon.dropFirst()) {
      let uptake = level * exp(0.35 * random.normal())
      tube([a, b], random.uniform(in: 14..<20), max(0.6, uptake), uneven: 0.25)
    }
    var point = at(40, 40, 1060)
    for _ in 0..<16 {
      let next = at(
        random.uniform(in: -80..<80), random.uniform(in: 15..<65), random.uniform(in: 930..<1060))
      let middle = (point + next) / 2 + SIMD3(0, 8, random.uniform(in: -20..<20))
      let uptake = max(0.6, level * 0.8 * exp(0.3 * random.normal()))
      tube([point, middle, next], 9, uptake, uneven: 0.2)
      point = next
    }
  }

  private mutating func head(_ random: inout SeededGenerator) {
    let gray = random.uniform(in: 7..<11)
    add(
      .superellipsoid(center: at(0, 2, 1672), axes: SIMD3(64, 80, 60) * scale), gray, uneven: 0.12)
    for side in [1.0, -1] {
      add(
        .superellipsoid(center: at(side * 24, 2, 1680), axes: SIMD3(21, 56, 34) * scale),
        gray * 0.45)
      add(.superellipsoid(center: at(side * 16, 10, 1666), axes: SIMD3(11, 15, 12) * scale), gray)
      organ(at(side * 44, 22, 1568), SIMD3(9, 9, 15), random.uniform(in: 1.3..<2.6), &random)
    }
    add(.superellipsoid(center: at(0, -46, 1622), axes: SIMD3(46, 30, 22) * scale), gray * 0.85)
    organ(at(0, 30, 1500), SIMD3(13, 11, 13), random.uniform(in: 0.9..<3), &random)
  }

  // MARK: Muscles

  private mutating func paint(
    _ group: MuscleGroup, _ altered: Double?, _ random: inout SeededGenerator
  ) {
    let level = altered ?? muscle * random.uniform(in: 0.95..<1.15)
    for side in [1.0, -1] {
      let uptake = level * random.uniform(in: 0.85..<1.15)
      for shape in group.shapes(side: side, scale: scale) {
        add(shape, uptake, uneven: altered == nil ? 0.08 : 0.3)
      }
    }
  }
}
