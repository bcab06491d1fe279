#if GLPK
  import CGLPK
  import Foundation

  extension MixedIntegerProgram {
    /// Writes the program to a file, by GLPK.
    ///
    /// A reader sees the old file or the new one, never a part: GLPK writes a hidden file in the
    /// same folder, which is then renamed.
    ///
    /// - Parameters:
    ///   - url: The file; one that exists is replaced.
    ///   - format: Its format. ``ProgramFormat`` says what the formats have no place for.
    /// - Throws: ``LinearProgramError/unwritableName(operand:index:name:format:)`` or
    ///   ``LinearProgramError/unwritable(path:reason:)``.
    public func write(to url: URL, format: ProgramFormat) throws(LinearProgramError) {
      try relaxation.checkSize()
      try format.check(relaxation.rowNames, "rowNames")
      try format.check(relaxation.variableNames, "variableNames")
      let written = relaxation.written(in: format)
      if format == .cplexLP && (written.rows.rows == 0 || written.rows.columns == 0) {
        throw .unwritable(
          path: url.path, reason: "CPLEX LP has no programs without bounded rows or variables")
      }
      // A symbolic link stays one: what it points to is replaced.
      let target = url.resolvingSymlinksInPath()
      let partial = target.deletingLastPathComponent()
        .appendingPathComponent(".\(UInt64.random(in: 0 ... .max)).partial")
      defer { unlink(partial.path) }
      var words = cglpk_words()
      guard write(written, partial, format, &words) == 0 else {
        throw .unwritable(path: url.path, reason: words.reason(path: partial.path))
      }
      let file = open(partial.path, O_RDONLY | O_CLOEXEC)
      if file >= 0 {
        fsync(file)  // The contents reach the disk before the name does.
        close(file)
      }
      guard rename(partial.path, target.path) == 0 else {
        throw .unwritable(path: url.path, reason: String(cString: strerror(errno)))
      }
    }

    private func write(
      _ program: LinearProgram, _ file: URL, _ format: ProgramFormat, _ words: inout cglpk_words
    ) -> Int32 {
      var integral = [UInt8](repeating: 0, count: program.rows.columns)
      for variable in integers { integral[variable] = 1 }
      let rowNames = program.rowNames.map { $0.flatMap(\.utf8CString) }
      let variableNames = program.variableNames.map { $0.flatMap(\.utf8CString) }
      return program.withC(integers: integral) { program in
        (rowNames ?? []).withUnsafeBufferPointer { rows in
          (variableNames ?? []).withUnsafeBufferPointer { variables in
            if rowNames != nil { program.row_names = rows.baseAddress }
            if variableNames != nil { program.column_names = variables.baseAddress }
            return cglpk_write(&program, file.path, format.glpk, &words)
          }
        }
      }
    }
  }

  extension LinearProgram {
    /// Writes the program to a file: see ``MixedIntegerProgram/write(to:format:)``.
    ///
    /// - Parameters:
    ///   - url: The file; one that exists is replaced.
    ///   - format: Its format.
    /// - Throws: ``LinearProgramError/unwritableName(operand:index:name:format:)`` or
    ///   ``LinearProgramError/unwritable(path:reason:)``.
    public func write(to url: URL, format: ProgramFormat) throws(LinearProgramError) {
      try MixedIntegerProgram(self, integers: []).write(to: url, format: format)
    }

    /// The program as a format has a place for it: ``ProgramFormat`` says why.
    fileprivate func written(in format: ProgramFormat) -> LinearProgram {
      if format == .glpk { return self }
      let isKept = rowBounds.map { $0 != .free }
      var (starts, indices, values) = ([0], [Int](), [Double]())
      for row in 0..<rows.rows where isKept[row] {
        indices += rows.columnIndices[rows.rowStarts[row]..<rows.rowStarts[row + 1]]
        values += rows.values[rows.rowStarts[row]..<rows.rowStarts[row + 1]]
        starts.append(values.count)
      }
      func kept<Element>(_ elements: [Element]) -> [Element] {
        elements.indices.filter { isKept[$0] }.map { elements[$0] }
      }
      let hasConstantVariable = format == .cplexLP && constant != 0
      let extra = hasConstantVariable ? 1 : 0
      let sign: Double = format.isMPS && sense == .maximize ? -1 : 1
      // The right side of the objective, which GLPK writes with the constant's sign, is taken off it.
      let signOfConstant = format.isMPS ? -sign : sign
      // The number of a variable without a name is that of its column.
      let names =
        variableNames ?? (hasConstantVariable ? (0..<rows.columns).map { "x_\($0 + 1)" } : nil)
      return LinearProgram(
        checked: format.isMPS ? .minimize : sense,
        Vector((sign * objective).elements + Array(repeating: constant, count: extra)),
        hasConstantVariable ? 0 : signOfConstant * constant,
        SparseMatrix(
          checkedRows: starts.count - 1, columns: rows.columns + extra, rowStarts: starts,
          columnIndices: indices, values: values), kept(rowBounds),
        variableBounds + Array(repeating: .equal(to: 1), count: extra), rowNames.map(kept),
        names.map { $0 + Array(repeating: "~constant", count: extra) })
    }
  }

  extension ProgramFormat {
    fileprivate func check(_ names: [String]?, _ operand: String) throws(LinearProgramError) {
      var taken: Set<String> = []
      for (index, name) in (names ?? []).enumerated()
      where !accepts(name) || !taken.insert(name).inserted {
        throw .unwritableName(operand: operand, index: index, name: name, format: self)
      }
    }
  }
#endif
