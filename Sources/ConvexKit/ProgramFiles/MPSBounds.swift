#if GLPK
  import Foundation

  /// The bounds that an MPS file states of its variables, where GLPK's reader takes them otherwise than
  /// other readers.
  ///
  /// An integer variable between markers that has no bound is binary. One with a lower bound alone has no
  /// upper bound, for which GLPK leaves the 1.
  struct MPSBounds {
    /// The variables with a lower bound.
    private var below: Set<String> = []
    /// The variables with something that says their upper bound.
    private var above: Set<String> = []

    /// Reads the section BOUNDS of a file that GLPK has read.
    init(contentsOf url: URL, format: ProgramFormat) {
      guard let data = try? Data(contentsOf: url) else { return }
      var isInside = false
      for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
        if line.hasPrefix("*") { continue }
        if line.first?.isWhitespace == false {
          isInside = line.hasPrefix("BOUNDS")
        } else if isInside {
          read(line, format)
        }
      }
    }

    /// Whether a variable has a lower bound and nothing that says its upper one.
    func isOpenAbove(_ name: String) -> Bool { below.contains(name) && !above.contains(name) }

    /// One bound: its kind, the name of the set, that of the variable, and for some a number.
    private mutating func read(_ line: Substring, _ format: ProgramFormat) {
      let fields = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let kind = fields.first else { return }
      let hasNumber = ["LO", "LI", "UP", "UI", "FX"].contains(kind)
      let name: String
      if format == .fixedMPS {
        name = String(line.dropFirst(14).prefix(8)).trimmingCharacters(in: .whitespaces)
      } else {
        // The name of the set may be left out.
        let place = fields.count > (hasNumber ? 3 : 2) ? 2 : 1
        guard place < fields.count else { return }
        name = fields[place]
      }
      if ["LO", "LI", "MI"].contains(kind) { below.insert(name) } else { above.insert(name) }
    }
  }
#endif
