import ConvexKit
import Foundation

// A glioma on the patient's grid. With the radial distance ρ(x) of the plan and smooth noises nᵢ:
//
//   core       ρ' = ρ (1 + ¼ n₁ + ⅛ n₂) < R                                                  (1)
//   necrosis   ρ' < R − w,   w = w₀ (1 + ½ n₃): what is left of the core is enhancing          (2)
//   edema      T < E, where a front from the core arrives at time T through tissue with speed
//              F = (f_WM + 0.35 f_GM + 0.03 f_CSF) (1 + ½ n₄) m(d)                             (3)
//
// so edema follows white matter, spares the cortex and stops at fluid. m rises smoothly from 0 at
// a distance d of 1 mm from the midline to 1 at 12 mm: no edema crosses, and it does not end in a
// straight edge. No core grows within 1 mm of the midline or beyond it. Boundaries of the signals are blended over about a voxel; labels
// are cut at the boundary.

/// Grows a planned tumor in a healthy brain.
struct TumorGrowth {
  let plan: TumorPlan
  private let shape: SmoothField
  private let detail: SmoothField
  private let rim: SmoothField
  private let spread: SmoothField
  private let uptake: SmoothField

  init(_ plan: TumorPlan, _ generator: inout SeededGenerator) {
    self.plan = plan
    let reach = Self.reach(of: plan)
    let (low, high) = (plan.center - reach, plan.center + reach)
    func field(_ spacing: Double, _ amplitude: Double) -> SmoothField {
      // Splines average their control values: 3 brings the noise to about ±1.
      SmoothField(spacing: spacing, amplitude: 3 * amplitude, from: low, to: high, &generator)
    }
    shape = field(max(8, 0.8 * plan.coreRadius), 0.25)
    detail = field(5, 0.125)
    rim = field(7, 0.5)
    spread = field(9, 0.5)
    uptake = field(5, 0.35)
  }

  /// No part of a tumor is farther from its center, in mm.
  private static func reach(of plan: TumorPlan) -> Double {
    2.2 * plan.coreRadius + 1.6 * plan.edemaReach + 4
  }

  /// Replaces tissue by tumor, and sets the labels.
  func grow(in brain: inout BrainVoxels) {
    let box = Box(around: plan.center, reach: Self.reach(of: plan), in: brain.frame)
    let inside = brain.positions.indices.filter {
      box.contains(brain.indices(of: brain.positions[$0]))
    }
    var speed = [Float](repeating: 0, count: box.count)
    var isCore = [Bool](repeating: false, count: box.count)
    var cores: [(outer: Double, inner: Double)] = []
    cores.reserveCapacity(inside.count)
    for member in inside {
      let index = brain.indices(of: brain.positions[member])
      let place = brain.frame.affine(SIMD3<Double>(index))
      let core = depth(at: place)
      cores.append(core)
      guard isOwnSide(place) else { continue }
      let cell = box.position(of: index)
      isCore[cell] = core.outer > 0
      speed[cell] = self.speed(in: brain.mixtures[member], at: place)
    }
    let times = TravelTime.solve(
      speed: speed, isSource: isCore, shape: box.shape, step: Float(brain.frame.spacing))
    for (member, core) in zip(inside, cores) {
      let index = brain.indices(of: brain.positions[member])
      let place = brain.frame.affine(SIMD3<Double>(index))
      guard isOwnSide(place) else { continue }
      let time = Double(times[box.position(of: index)])
      let label = replace(&brain.mixtures[member], core, time, place, brain.frame.spacing)
      brain.labels[brain.positions[member]] = label
    }
  }

  private func isOwnSide(_ place: SIMD3<Double>) -> Bool { place.x * plan.sideSign > 1 }

  /// m of (3): smooth from 0 at 1 mm from the midline to 1 at 12 mm.
  private func freedom(at place: SIMD3<Double>) -> Double {
    let t = min(max((place.x * plan.sideSign - 1) / 11, 0), 1)
    return t * t * (3 - 2 * t)
  }

  /// How deep a place lies inside the core and inside the necrosis, in mm; negative outside.
  private func depth(at place: SIMD3<Double>) -> (outer: Double, inner: Double) {
    let ρ = plan.radialDistance(of: place) * (1 + shape(place) + detail(place))
    let outer = plan.coreRadius - ρ  // (1)
    return (outer, outer - plan.rimThickness * max(0.3, 1 + rim(place)))  // (2)
  }

  private func speed(in mixture: SIMD8<Float>, at place: SIMD3<Double>) -> Float {
    let tissue = 0.03 * mixture[0] + 0.35 * mixture[1] + mixture[2]
    return max(0.02, tissue) * Float(max(0.25, 1 + spread(place)) * freedom(at: place))  // (3)
  }

  /// Mixes tumor into a voxel and returns its label.
  private func replace(
    _ mixture: inout SIMD8<Float>, _ core: (outer: Double, inner: Double), _ time: Double,
    _ place: SIMD3<Double>, _ spacing: Double
  ) -> UInt8 {
    let width = 0.4 * spacing
    let coreShare = Float(1 / (1 + exp(-core.outer / width)))
    let necrosis = coreShare * Float(1 / (1 + exp(-core.inner / width)))
    // Edema is densest near the core and fades outwards, with a visible edge.
    let left = plan.edemaReach - time
    let edge = min(max(left / spacing + 0.5, 0), 1)
    let density = 0.45 + 0.5 * min(max(left / max(plan.edemaReach, 1e-9), 0), 1)
    let edema = (1 - coreShare) * Float(edge * density)
    let fluid = mixture[0]
    var mixed = mixture * (1 - coreShare - edema)
    mixed[Tissue.edema.rawValue] = edema
    mixed[Tissue.enhancing.rawValue] = coreShare - necrosis
    mixed[Tissue.necrosis.rawValue] = necrosis
    mixed[6] = Float(min(max(0.55 + uptake(place), 0), 1))
    mixture = mixed
    if core.inner > 0 { return UInt8(TumorLabel.necroticCore.rawValue) }
    if core.outer > 0 { return UInt8(TumorLabel.enhancing.rawValue) }
    return left > 0 && fluid < 0.7 ? UInt8(TumorLabel.edema.rawValue) : 0
  }
}

/// A part of a grid.
private struct Box {
  let low: SIMD3<Int>
  let shape: [Int]

  init(around center: SIMD3<Double>, reach: Double, in frame: GridFrame) {
    let middle = frame.affine.inverse(center)
    var (low, shape) = (SIMD3<Int>.zero, [0, 0, 0])
    for axis in 0..<3 {
      let first = max(0, Int((middle[axis] - reach / frame.spacing).rounded(.down)))
      let last = min(
        frame.shape[axis] - 1, Int((middle[axis] + reach / frame.spacing).rounded(.up)))
      low[axis] = first
      shape[axis] = max(0, last - first + 1)
    }
    (self.low, self.shape) = (low, shape)
  }

  var count: Int { shape[0] * shape[1] * shape[2] }

  func contains(_ index: SIMD3<Int>) -> Bool {
    (0..<3).allSatisfy { index[$0] >= low[$0] && index[$0] < low[$0] + shape[$0] }
  }

  func position(of index: SIMD3<Int>) -> Int {
    let d = index &- low
    return d.x + shape[0] * (d.y + shape[1] * d.z)
  }
}
