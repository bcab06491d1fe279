import Experiments
import Foundation
import Mustache

/// The page that shows a run: one file that opens from disk.
///
/// Everything is inside: charts as SVG, panels as PNG in base64, no script.
struct ReportPage {
  /// The pictures of one held-out image.
  struct Panel {
    var title: String
    /// Each picture with what it shows, below each other.
    var rows: [(network: String, png: Data)]
    /// Whether the pictures stand side by side instead, in as many rows as they need.
    var isGrid = false
  }

  /// What the parts of the page are called.
  struct Headings {
    var tables: String
    var charts: String
    var panels: String
  }

  var title: String
  var summary: [String]
  var headings: Headings
  var tables: [TextTable]
  var charts: [LineChart]
  var panelColumns: String
  var panels: [Panel]
  var facts: [(name: String, value: String)]

  /// The page's text.
  ///
  /// - Throws: What the template engine throws; the template is part of the program, and a test
  ///   renders it.
  func html() throws -> String {
    let template = try MustacheTemplate(string: Self.template)
    return template.render(
      [
        "title": title,
        "summary": summary,
        "tablesTitle": headings.tables, "chartsTitle": headings.charts,
        "panelsTitle": headings.panels, "chartStyle": LineChart.style,
        "hasCharts": !charts.isEmpty, "hasPanels": !panels.isEmpty,
        "tables": tables.map { table -> [String: Any] in
          [
            "caption": table.caption, "columns": table.columns,
            "rows": table.rows.map { ["head": $0.first ?? "", "cells": Array($0.dropFirst())] },
          ]
        },
        "charts": charts.map { $0.svg() },
        "panelColumns": panelColumns,
        "panels": panels.map { panel -> [String: Any] in
          [
            "title": panel.title, "layout": panel.isGrid ? "tiles" : "stack",
            "rows": panel.rows.map {
              [
                "network": $0.network,
                "source": "data:image/png;base64," + $0.png.base64EncodedString(),
              ]
            },
          ]
        },
        "facts": facts.map { ["name": $0.name, "value": $0.value] },
      ] as [String: Any])
  }

  private static let template = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{{title}}</title>
    <style>
    :root { color-scheme: light; --ink: #1b1f24; --soft: #57606a; --line: #d8dee4; }
    body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); margin: 2rem auto;
      max-width: 78rem; padding: 0 1rem; }
    h1 { font-size: 1.7rem; line-height: 1.2; margin-bottom: .4rem; }
    h2 { font-size: 1.2rem; margin-top: 2.4rem; }
    h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
    p { max-width: 46rem; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums;
      margin: .6rem 0 1.6rem; }
    caption { text-align: left; color: var(--soft); padding-bottom: .4rem; max-width: 46rem; }
    th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: right; }
    th:first-child { text-align: left; }
    td { white-space: nowrap; }
    thead th { border-bottom: 2px solid var(--ink); vertical-align: bottom; }
    tbody th { font-weight: 600; }
    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(26rem, 1fr));
      gap: 1rem; }
    {{chartStyle}}
    .tiles { display: flex; flex-wrap: wrap; gap: .6rem; align-items: flex-end; }
    .tiles figure { margin: 0; width: 12rem; }
    .tiles img { width: 100%; }
    figure { margin: 0 0 .8rem; }
    figure img { max-width: 100%; image-rendering: pixelated; border-radius: 3px; }
    figcaption { font-size: .85rem; color: var(--soft); }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; font-size: .9rem; }
    dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
    </style>
    </head>
    <body>
    <h1>{{title}}</h1>
    {{#summary}}<p>{{.}}</p>
    {{/summary}}
    <h2>{{tablesTitle}}</h2>
    {{#tables}}
    <div class="wide"><table><caption>{{caption}}</caption>
    <thead><tr>{{#columns}}<th scope="col">{{.}}</th>{{/columns}}</tr></thead>
    <tbody>{{#rows}}<tr><th scope="row">{{head}}</th>{{#cells}}<td>{{.}}</td>{{/cells}}</tr>
    {{/rows}}</tbody></table></div>
    {{/tables}}
    {{#hasCharts}}
    <h2>{{chartsTitle}}</h2>
    <div class="charts">
    {{#charts}}{{{.}}}
    {{/charts}}
    </div>
    {{/hasCharts}}
    {{#hasPanels}}
    <h2>{{panelsTitle}}</h2>
    <p>{{panelColumns}}</p>
    {{#panels}}
    <h3>{{title}}</h3>
    <div class="{{layout}}">
    {{#rows}}<figure><figcaption>{{network}}</figcaption>
    <img src="{{source}}" alt="{{network}}"></figure>
    {{/rows}}
    </div>
    {{/panels}}
    {{/hasPanels}}
    <h2>This run</h2>
    <dl>{{#facts}}<dt>{{name}}</dt><dd>{{value}}</dd>
    {{/facts}}</dl>
    </body>
    </html>

    """
}
