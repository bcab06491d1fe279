import Foundation

extension Profile {
  /// The profile as a table, one line per kind of primitive.
  ///
  /// ```
  /// primitive              calls   forward  pullback     share
  /// conv2d                   106    0.3120    0.6231    90.1 %
  /// …
  /// elsewhere                                             0.4 %
  /// total                            1.0379 s
  /// 121.4e9 operations per second in convolutions, 83 % of the 146.1e9 that this machine reaches
  /// ```
  ///
  /// - Parameter convolutionRate: Operations per second that one convolution reaches on this
  ///   machine, from ``ConvolutionRate/measured()``; nil leaves out the last line.
  /// - Returns: Lines, each with its end.
  public func text(convolutionRate: Double? = nil) -> String {
    var lines = [Self.line("primitive", "calls", "forward", "pullback", "share")]
    for row in rows {
      lines.append(
        Self.line(
          row.name, "\(row.calls)", Self.number(row.forward), Self.number(row.pullback),
          share(row.seconds)))
    }
    let elsewhere = seconds - rows.reduce(0) { $0 + $1.seconds }
    lines.append(Self.line("elsewhere", "", "", "", share(elsewhere)))
    lines.append(
      Self.line(
        "total, seconds", "", Self.number(rows.reduce(0) { $0 + $1.forward }),
        Self.number(rows.reduce(0) { $0 + $1.pullback }), Self.number(seconds)))
    if let convolutionRate {
      lines.append(
        String(
          format: "%.1fe9 operations per second in convolutions, %.0f %% of the %.1fe9 that one "
            + "convolution reaches on this machine", rate * 1e-9, 100 * rate / convolutionRate,
          convolutionRate * 1e-9))
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func share(_ seconds: Double) -> String {
    String(format: "%.1f %%", 100 * seconds / self.seconds)
  }

  private static func number(_ seconds: Double) -> String {
    String(format: "%.4f", seconds)
  }

  private static func line(_ name: String, _ cells: String...) -> String {
    let cells = cells.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }
    return name + String(repeating: " ", count: max(1, 22 - name.count)) + cells.joined()
  }
}
