import Foundation

/// A line chart as SVG text.
///
/// Points that are not finite, or not positive on a logarithmic axis, are left out of their line.
struct LineChart {
  /// One line: its name in the legend, its points, and the band around it.
  struct Series {
    var name: String
    var color: String
    /// Whether the line is broken, for more lines than there are colors.
    var isDashed = false
    var points: [(x: Double, y: Double)]
    /// How far the band reaches below and above each point; empty for none.
    var deviations: [Double] = []
  }

  /// How values become heights.
  enum Scale {
    case linear
    case logarithmic
  }

  var title: String
  var xLabel: String
  var yLabel: String
  var yScale: Scale = .linear
  /// Whether the ticks of the horizontal axis are whole numbers.
  var hasWholeTicks = true
  /// The extent of the picture.
  var size = (width: 460.0, height: 300.0)
  var series: [Series]

  /// Colors that stay apart for color-blind readers (Okabe & Ito, 2008).
  static let palette = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999",
  ]

  private static let margin = (left: 64.0, right: 14.0, bottom: 44.0)
  private static let legendLine = 18.0

  /// The chart as one `<svg>` element.
  func svg() -> String {
    let lines = series.map { line in
      line.points.filter {
        $0.x.isFinite && $0.y.isFinite && (yScale == .linear || $0.y > 0)
      }
    }
    let xAxis = Axis.linear(over: lines.joined().map(\.x), wholeNumbers: hasWholeTicks)
    let ends = lines.joined().map(\.y) + series.flatMap(\.bandEnds)
    let yAxis = yScale == .linear ? Axis.linear(over: ends) : Axis.logarithmic(over: ends)
    var parts = [
      """
      <svg viewBox="0 0 \(size.width.svg) \(size.height.svg)" role="img" \
      aria-label="\(title.htmlEscaped)" xmlns="http://www.w3.org/2000/svg">
      """,
      text(title, x: Self.margin.left, y: 18, class: "title"),
    ]
    parts += grid(xAxis: xAxis, yAxis: yAxis) + legend()
    for line in series where line.deviations.count == line.points.count && !line.points.isEmpty {
      let upper = zip(line.points, line.deviations).map { ($0.x, $0.y + $1) }
      let lower = zip(line.points, line.deviations).map { ($0.x, $0.y - $1) }
      let outline = (upper + lower.reversed()).map { "\(x($0, xAxis).svg),\(y($1, yAxis).svg)" }
      parts.append(
        "<polygon points=\"\(outline.joined(separator: " "))\" fill=\"\(line.color)\" "
          + "fill-opacity=\"0.07\"/>")
    }
    for (line, points) in zip(series, lines) where !points.isEmpty {
      let path = points.map { "\(x($0.x, xAxis).svg),\(y($0.y, yAxis).svg)" }
      parts.append(
        "<polyline points=\"\(path.joined(separator: " "))\" fill=\"none\" "
          + "stroke=\"\(line.color)\" stroke-width=\"2\" stroke-linejoin=\"round\"\(line.dash)/>")
      parts += points.map {
        "<circle cx=\"\(x($0.x, xAxis).svg)\" cy=\"\(y($0.y, yAxis).svg)\" r=\"2.4\" "
          + "fill=\"\(line.color)\"/>"
      }
    }
    return (parts + ["</svg>"]).joined(separator: "\n")
  }

  /// The chart as a file of its own, with the styles that a page has for all of its charts.
  func document() -> String {
    svg().replacingOccurrences(
      of: "xmlns=\"http://www.w3.org/2000/svg\">",
      with: "xmlns=\"http://www.w3.org/2000/svg\">\n<style>\(Self.style)</style>\n"
        + "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>") + "\n"
  }

  /// What a page has to say about the looks of its charts.
  static let style = """
    svg text { font: 12px system-ui, sans-serif; fill: #57606a; }
    svg text.title { font-size: 14px; font-weight: 600; fill: #1b1f24; }
    svg line.grid { stroke: #d8dee4; }
    """

  private var bottom: Double { size.height - Self.margin.bottom }
  private var top: Double { 14 + Self.legendLine * Double(legendPlaces.last?.line ?? 1) + 18 }
  private var right: Double { size.width - Self.margin.right }

  private func x(_ value: Double, _ axis: Axis) -> Double {
    Self.margin.left + axis.position(of: value) * (right - Self.margin.left)
  }

  private func y(_ value: Double, _ axis: Axis) -> Double {
    bottom - axis.position(of: value) * (bottom - top)
  }

  private func grid(xAxis: Axis, yAxis: Axis) -> [String] {
    var parts: [String] = []
    for tick in yAxis.ticks {
      let height = y(tick, yAxis)
      parts.append(line(from: (Self.margin.left, height), to: (right, height)))
      parts.append(
        text(yAxis.label(tick), x: Self.margin.left - 7, y: height + 4, anchor: "end"))
    }
    for tick in xAxis.ticks {
      parts.append(text(xAxis.label(tick), x: x(tick, xAxis), y: bottom + 17, anchor: "middle"))
    }
    let middle = (Self.margin.left + right) / 2
    parts.append(text(xLabel, x: middle, y: size.height - 8, anchor: "middle"))
    let height = (top + bottom) / 2
    parts.append(
      "<text x=\"14\" y=\"\(height.svg)\" text-anchor=\"middle\" "
        + "transform=\"rotate(-90 14 \(height.svg))\">\(yLabel.htmlEscaped)</text>")
    return parts
  }

  /// Where each name of the legend begins; a line that is full is followed by another.
  private var legendPlaces: [(x: Double, line: Int)] {
    var (left, line) = (Self.margin.left, 1)
    return series.map { entry in
      let width = 28 + 7.2 * Double(entry.name.count)
      if left + width > size.width && left > Self.margin.left {
        (left, line) = (Self.margin.left, line + 1)
      }
      defer { left += width }
      return (left, line)
    }
  }

  private func legend() -> [String] {
    zip(series, legendPlaces).flatMap { line, place in
      let height = 16 + Self.legendLine * Double(place.line)
      return [
        "<line x1=\"\(place.x.svg)\" x2=\"\((place.x + 14).svg)\" y1=\"\(height.svg)\" "
          + "y2=\"\(height.svg)\" stroke=\"\(line.color)\" stroke-width=\"3\"\(line.dash)/>",
        text(line.name, x: place.x + 18, y: height + 4),
      ]
    }
  }

  private func line(from start: (Double, Double), to end: (Double, Double)) -> String {
    "<line class=\"grid\" x1=\"\(start.0.svg)\" y1=\"\(start.1.svg)\" "
      + "x2=\"\(end.0.svg)\" y2=\"\(end.1.svg)\"/>"
  }

  private func text(
    _ content: String, x: Double, y: Double, anchor: String = "start", class name: String = "label"
  ) -> String {
    "<text class=\"\(name)\" x=\"\(x.svg)\" y=\"\(y.svg)\" text-anchor=\"\(anchor)\">"
      + "\(content.htmlEscaped)</text>"
  }
}

extension LineChart.Series {
  /// The lowest and the highest points of the band.
  fileprivate var bandEnds: [Double] {
    zip(points, deviations).flatMap { [$0.y - $1, $0.y + $1] }
  }

  /// The attribute of a broken line.
  fileprivate var dash: String { isDashed ? " stroke-dasharray=\"5 3\"" : "" }
}

/// One axis: the range it shows and its ticks.
struct Axis {
  var lower: Double
  var upper: Double
  var ticks: [Double]
  var isLogarithmic: Bool

  /// An axis with about five round ticks that covers all values.
  static func linear(over values: [Double], wholeNumbers: Bool = false) -> Axis {
    var (low, high) = (values.min() ?? 0, values.max() ?? 1)
    if high - low < 1e-12 * max(1, abs(high)) { (low, high) = (low - 0.5, high + 0.5) }
    let rough = (high - low) / 5
    let power = pow(10, floor(log10(rough)))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? 10 * power
    let spacing = wholeNumbers ? max(1, step.rounded()) : step
    let first = wholeNumbers ? low : floor(low / spacing) * spacing
    let last = wholeNumbers ? high : ceil(high / spacing) * spacing
    let start = ceil(first / spacing - 1e-9) * spacing
    return Axis(
      lower: first, upper: last,
      ticks: Array(stride(from: start, through: last + 1e-9 * spacing, by: spacing)),
      isLogarithmic: false)
  }

  /// An axis in decades that covers all (positive) values.
  static func logarithmic(over values: [Double]) -> Axis {
    let low = floor(log10(values.min() ?? 0.1))
    let high = max(low + 1, ceil(log10(values.max() ?? 1)))
    let step = max(1, ((high - low) / 6).rounded(.up))
    return Axis(
      lower: low, upper: high,
      ticks: stride(from: low, through: high, by: step).map { pow(10, $0) }, isLogarithmic: true)
  }

  /// Where a value stands between the ends: 0 … 1.
  func position(of value: Double) -> Double {
    ((isLogarithmic ? log10(value) : value) - lower) / (upper - lower)
  }

  /// A tick's text.
  func label(_ value: Double) -> String {
    if isLogarithmic {
      return (-3...3).contains(log10(value).rounded())
        ? String(format: "%g", value) : String(format: "%.0e", value)
    }
    return String(format: "%g", (value * 1e9).rounded() / 1e9 + 0)  // + 0: never "-0"
  }
}

extension Double {
  /// A coordinate with one decimal.
  fileprivate var svg: String { String(format: "%.1f", self) }
}

extension String {
  /// The text with the characters that HTML reserves replaced.
  var htmlEscaped: String {
    replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
  }
}
