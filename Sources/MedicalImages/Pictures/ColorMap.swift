import Foundation

// A perceptual color map is a path through CIELAB with
//
//   L*(s) = L₀ + (L₁ − L₀) s,   h(s) = h₀ + (h₁ − h₀) s,                                     (1)
//   C*(s) = c(s) · the largest chroma that sRGB shows at L*(s), h(s),                        (2)
//
// run through at constant speed in CIELAB's distance ΔE*ab = ‖ΔLab‖, so that equal steps in the
// value look equally large:
//
//   t(s) = ∫₀ˢ ‖dLab‖ / ∫₀¹ ‖dLab‖.                                                          (3)
//
// L* grows along the path, so the order of values survives printing in gray. CIELAB to sRGB is
// CIE 15 and IEC 61966-2-1 with the white point D65.

/// A color for every number from 0 to 1.
public struct ColorMap: Sendable {
  /// 256 colors, evenly spaced.
  public let colors: [Raster.Color]

  /// The color of a number; numbers beyond 0 and 1 get the ends.
  public subscript(value: Float) -> Raster.Color {
    colors[Int((min(max(value, 0), 1) * 255).rounded())]
  }

  /// Black to white.
  public static let gray = ColorMap(
    colors: (0..<256).map { Raster.Color(repeating: UInt8($0)) })

  /// Near-black violet through red and orange to pale yellow, for maps that are never negative.
  public static let heat = ColorMap(
    lightness: 8...94, hue: (from: 295, to: 465), chroma: { 0.25 + 0.6 * sin(.pi * $0) })

  /// A map along the path of equations (1) and (2).
  ///
  /// - Parameters:
  ///   - lightness: L* at the ends, within 0...100.
  ///   - hue: The hue angle at the ends, in degrees; beyond 360 it goes on around the circle.
  ///   - chroma: c(s), the share of the largest chroma, within 0...1.
  init(
    lightness: ClosedRange<Double>, hue: (from: Double, to: Double),
    chroma: (Double) -> Double
  ) {
    let count = 2048
    let path = (0...count).map { index -> SIMD3<Double> in
      let s = Double(index) / Double(count)
      let L = lightness.lowerBound + (lightness.upperBound - lightness.lowerBound) * s  // (1)
      let h = (hue.from + (hue.to - hue.from) * s) * .pi / 180
      let C = chroma(s) * CIELAB.largestChroma(lightness: L, hue: h)  // (2)
      return SIMD3(L, C * cos(h), C * sin(h))
    }
    var traveled = [0.0]  // (3)
    for index in 1...count {
      traveled.append((traveled.last ?? 0) + length(path[index] - path[index - 1]))
    }
    let total = traveled[count]
    var position = 0
    colors = (0..<256).map { step in
      let target = total * Double(step) / 255
      while position < count - 1 && traveled[position + 1] < target { position += 1 }
      let span = traveled[position + 1] - traveled[position]
      let share = span > 0 ? min(1, (target - traveled[position]) / span) : 0
      return CIELAB.color(of: path[position] + (path[position + 1] - path[position]) * share)
    }
  }

  private init(colors: [Raster.Color]) { self.colors = colors }
}

/// CIELAB (D65) and sRGB.
enum CIELAB {
  /// Linear sRGB of a CIELAB color; outside 0...1 where sRGB cannot show it.
  static func linearRGB(of lab: SIMD3<Double>) -> SIMD3<Double> {
    let y = (lab.x + 16) / 116
    let f = SIMD3(y + lab.y / 500, y, y - lab.z / 200)
    let white = SIMD3(0.95047, 1, 1.08883)
    var xyz = SIMD3<Double>.zero
    for n in 0..<3 {
      xyz[n] = white[n] * (f[n] > 6.0 / 29 ? f[n] * f[n] * f[n] : (f[n] - 16.0 / 116) * 108 / 841)
    }
    return SIMD3(
      dot(SIMD3(3.2404542, -1.5371385, -0.4985314), xyz),
      dot(SIMD3(-0.9692660, 1.8760108, 0.0415560), xyz),
      dot(SIMD3(0.0556434, -0.2040259, 1.0572252), xyz))
  }

  /// The largest chroma that sRGB shows at a lightness and hue (radians), by bisection.
  static func largestChroma(lightness: Double, hue: Double) -> Double {
    var (low, high) = (0.0, 200.0)
    for _ in 0..<30 {
      let middle = (low + high) / 2
      let rgb = linearRGB(of: SIMD3(lightness, middle * cos(hue), middle * sin(hue)))
      let isShown = rgb.min() >= -1e-9 && rgb.max() <= 1 + 1e-9
      if isShown { low = middle } else { high = middle }
    }
    return low
  }

  /// The nearest 8-bit sRGB color.
  static func color(of lab: SIMD3<Double>) -> Raster.Color {
    let rgb = linearRGB(of: lab)
    var color = Raster.Color()
    for n in 0..<3 {
      let c = min(max(rgb[n], 0), 1)
      let encoded = c <= 0.0031308 ? 12.92 * c : 1.055 * pow(c, 1 / 2.4) - 0.055
      color[n] = UInt8((encoded * 255).rounded())
    }
    return color
  }
}
