#if GLPK
  import CGLPK
  import Foundation

  extension MixedIntegerProgram {
    /// Reads a program from a file, by GLPK.
    ///
    /// A linear program is one without ``integers``: its ``relaxation``.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - format: Its format.
    /// - Throws: ``LinearProgramError/unreadable(path:reason:)`` with GLPK's words, which name the
    ///   line, for a file that is missing or malformed; what the initializers throw for one whose
    ///   numbers are no program.
    public init(contentsOf url: URL, format: ProgramFormat) throws(LinearProgramError) {
      var model = cglpk_model()
      defer { cglpk_free(&model) }
      var words = cglpk_words()
      guard cglpk_read(url.path, format.glpk, &model, &words) == 0 else {
        throw .unreadable(path: url.path, reason: words.reason(path: url.path))
      }
      do {
        var read = try ReadProgram(model)
        if format == .cplexLP { read.foldVariables() }
        if format.isMPS { read.takeConventions(MPSBounds(contentsOf: url, format: format)) }
        self = try read.program()
      } catch let error as LinearProgramError {
        throw error
      } catch {
        throw .unreadable(path: url.path, reason: "\(error)")
      }
    }
  }

  extension cglpk_words {
    /// GLPK's last words without its progress, and without a path that the error names already.
    func reason(path: String) -> String {
      let lines = withUnsafeBytes(of: text) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }.split(whereSeparator: \.isNewline)
      guard let last = lines.last(where: { !$0.hasPrefix("Error detected in file") }) else {
        return "unknown"
      }
      let prefix = "\(path):"
      return last.hasPrefix(prefix) ? "line \(last.dropFirst(prefix.count))" : String(last)
    }
  }

  extension ProgramFormat {
    var glpk: cglpk_format {
      switch self {
      case .freeMPS: CGLPK_FREE_MPS
      case .fixedMPS: CGLPK_FIXED_MPS
      case .cplexLP: CGLPK_CPLEX_LP
      case .glpk: CGLPK_GLPK
      }
    }
  }

  /// A program as a file has it.
  private struct ReadProgram {
    var sense: LinearProgram.Sense
    var constant: Double
    var objective: [Double]
    var rows: SparseMatrix<Double>
    var rowBounds: [Bounds]
    var bounds: [Bounds]
    var isInteger: [Bool]
    var rowNames: [String]
    var names: [String]

    init(_ model: cglpk_model) throws {
      func array<Element>(_ start: UnsafePointer<Element>?, _ count: Int) -> [Element] {
        Array(UnsafeBufferPointer(start: start, count: count))
      }
      func bounds(_ pairs: UnsafePointer<Double>?, _ count: Int) -> [Bounds] {
        let pairs = UnsafeBufferPointer(start: pairs, count: 2 * count)
        return (0..<count).map { Bounds(lower: pairs[2 * $0], upper: pairs[2 * $0 + 1]) }
      }
      func strings(_ start: UnsafePointer<CChar>?, _ count: Int) -> [String] {
        var next = start
        return (0..<count).map { _ in
          guard let name = next else { return "" }
          next = name + strlen(name) + 1
          return String(cString: name)
        }
      }
      let starts = array(model.row_starts, model.rows + 1)
      sense = model.maximize == 1 ? .maximize : .minimize
      constant = model.constant
      objective = array(model.objective, model.columns)
      rows = try SparseMatrix(
        rows: model.rows, columns: model.columns, rowStarts: starts,
        columnIndices: array(model.column_indices, starts[model.rows]),
        values: array(model.values, starts[model.rows]))
      rowBounds = bounds(model.row_bounds, model.rows)
      self.bounds = bounds(model.column_bounds, model.columns)
      isInteger = array(model.integers, model.columns).map { $0 == 1 }
      rowNames = strings(model.row_names, model.rows)
      names = strings(model.column_names, model.columns)
    }

    func program() throws(LinearProgramError) -> MixedIntegerProgram {
      try MixedIntegerProgram(
        LinearProgram(
          sense, Vector(objective), constant, rows, rowBounds, bounds,
          ReadProgram.complete(rowNames, "r"), ReadProgram.complete(names, "x")),
        integers: isInteger.indices.filter { isInteger[$0] })
    }

    /// nil where no name is given; where some are, the others are numbered from 1.
    private static func complete(_ names: [String], _ prefix: String) -> [String]? {
      if names.allSatisfy(\.isEmpty) { return nil }
      let taken = Set(names)
      return names.enumerated().map { index, name in
        if !name.isEmpty { return name }
        var number = "\(prefix)\(index + 1)"
        while taken.contains(number) { number += "_" }
        return number
      }
    }

    /// What MPS means where GLPK's reader means something else: the right side of the objective is taken
    /// off it, and an integer with a lower bound alone has no upper one.
    mutating func takeConventions(_ stated: MPSBounds) {
      constant = 0 - constant
      for j in names.indices where isInteger[j] && stated.isOpenAbove(names[j]) {
        bounds[j] = Bounds(lower: bounds[j].lower, upper: .infinity)
      }
    }

    /// Takes back the variables that stand for a constant and for the widths of ranges:
    /// aᵀx − t = l, 0 ≤ t ≤ w is l ≤ aᵀx ≤ l + w.
    mutating func foldVariables() {
      let transposed = rows.transposed
      var isFolded = [Bool](repeating: false, count: names.count)
      for j in names.indices where names[j].hasPrefix("~") && !isInteger[j] {
        let entries = transposed.rowStarts[j]..<transposed.rowStarts[j + 1]
        if entries.isEmpty && names[j] == "~constant" && bounds[j] == .equal(to: 1) {
          constant += objective[j]
          isFolded[j] = true
        } else if entries.count == 1, objective[j] == 0, transposed.values[entries.lowerBound] == -1
        {
          let row = transposed.columnIndices[entries.lowerBound]
          guard names[j].hasPrefix("~r_"), bounds[j].lower == 0,
            rowBounds[row].lower == rowBounds[row].upper
          else { continue }
          let lower = rowBounds[row].lower
          rowBounds[row] = Bounds(lower: lower, upper: lower + bounds[j].upper)
          isFolded[j] = true
        }
      }
      if isFolded.contains(true) { remove(isFolded) }
    }

    private mutating func remove(_ isFolded: [Bool]) {
      let kept = isFolded.indices.filter { !isFolded[$0] }
      var place = [Int](repeating: 0, count: isFolded.count)
      for (new, old) in kept.enumerated() { place[old] = new }
      var (starts, indices, values) = ([0], [Int](), [Double]())
      for row in 0..<rows.rows {
        for entry in rows.rowStarts[row]..<rows.rowStarts[row + 1]
        where !isFolded[rows.columnIndices[entry]] {
          indices.append(place[rows.columnIndices[entry]])
          values.append(rows.values[entry])
        }
        starts.append(values.count)
      }
      rows = SparseMatrix(
        checkedRows: rows.rows, columns: kept.count, rowStarts: starts, columnIndices: indices,
        values: values)
      objective = kept.map { objective[$0] }
      bounds = kept.map { bounds[$0] }
      isInteger = kept.map { isInteger[$0] }
      names = kept.map { names[$0] }
    }
  }
#endif
