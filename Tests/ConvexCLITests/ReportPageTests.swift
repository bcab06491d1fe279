import Foundation
import Testing

@testable import ConvexCLI

@Suite struct ReportPageTests {
  private static let chart = LineChart(
    title: "Certified gap", xLabel: "epoch", yLabel: "nats", yScale: .logarithmic,
    series: [
      .init(name: "Dual", color: "#0072b2", points: [(1, 0.5), (2, 0.01), (3, 0)]),
      .init(name: "Exact", color: "#d55e00", points: [(1, 0.25), (2, .nan), (3, 1e-4)]),
    ])

  private static let report = ReportPage(
    title: "A & B <c>", summary: ["One sentence."],
    headings: .init(tables: "Numbers", charts: "Curves", panels: "Pictures"),
    tables: [.init(caption: "What it shows", columns: ["network", "x"], rows: [["Dual", "1"]])],
    charts: [chart], panelColumns: "columns",
    panels: [.init(title: "patient 7", rows: [(network: "Dual", png: Data([1, 2, 3]))])],
    facts: [(name: "seed", value: "1")])

  @Test func `the page holds everything it shows and loads nothing`() throws {
    let html = try Self.report.html()
    #expect(html.contains("data:image/png;base64,AQID"))
    #expect(html.contains("<svg"))
    for outside in ["src=\"http", "href=", "<script", "@import", "url("] {
      #expect(!html.contains(outside), "\(outside)")
    }
  }

  @Test func `text is escaped once`() throws {
    let html = try Self.report.html()
    #expect(html.contains("<h1>A &amp; B &lt;c&gt;</h1>"))
    #expect(!html.contains("&amp;amp;"))
  }

  @Test func `a table's first column is a heading and the others are cells`() throws {
    #expect(try Self.report.html().contains("<th scope=\"row\">Dual</th><td>1</td>"))
  }

  @Test func `points that a logarithmic axis cannot show are left out`() {
    let svg = Self.chart.svg()
    #expect(!svg.contains("nan") && !svg.contains("inf"))
    #expect(svg.components(separatedBy: "<circle").count - 1 == 4)
  }

  @Test func `a chart of constant or missing values has finite axes`() {
    for points in [[], [(x: 1.0, y: 3.0)], [(x: 1.0, y: 3.0), (x: 2.0, y: 3.0)]] {
      for scale in [LineChart.Scale.linear, .logarithmic] {
        let chart = LineChart(
          title: "t", xLabel: "x", yLabel: "y", yScale: scale,
          series: [.init(name: "s", color: "red", points: points)])
        #expect(!chart.svg().contains("nan") && !chart.svg().contains("inf"))
      }
    }
  }

  @Test func `headings stand above what there is, and nothing above what there is not`() throws {
    #expect(try Self.report.html().contains("<h2>Curves</h2>"))
    var page = Self.report
    page.charts = []
    #expect(try !page.html().contains("<h2>Curves</h2>"))
    page.panels[0].isGrid = true
    #expect(try page.html().contains("<div class=\"tiles\">"))
  }

  @Test func `a band covers what lies a deviation away, and the axis shows all of it`() {
    let chart = LineChart(
      title: "t", xLabel: "x", yLabel: "y", hasWholeTicks: false,
      series: [
        .init(
          name: "s", color: "red", isDashed: true, points: [(0, 0.5), (1, 0.5)],
          deviations: [0.1, 0.3])
      ])
    let svg = chart.svg()
    #expect(svg.contains("<polygon"))
    #expect(svg.contains("stroke-dasharray"))
    #expect(svg.contains(">0.8</text>") && svg.contains(">0.2</text>"))
    #expect(chart.document().contains("<style>"))
  }

  @Test func `a legend that is too long for its line goes on below`() {
    func chart(_ names: Int) -> String {
      LineChart(
        title: "t", xLabel: "x", yLabel: "y",
        series: (0..<names).map {
          .init(name: "a name of some length \($0)", color: "red", points: [(0, 1)])
        }
      ).svg()
    }
    #expect(!chart(2).contains("y1=\"52.0\""))
    #expect(chart(4).contains("y1=\"52.0\""))
  }

  @Test func `ticks are round and cover the data`() {
    let axis = Axis.linear(over: [0.13, 0.97])
    #expect(axis.ticks.map(axis.label) == ["0", "0.2", "0.4", "0.6", "0.8", "1"])
    let decades = Axis.logarithmic(over: [0.002, 30])
    #expect(decades.ticks.map(decades.label) == ["0.001", "0.01", "0.1", "1", "10", "100"])
    #expect(decades.position(of: 0.001) == 0 && decades.position(of: 100) == 1)
  }
}
