#if GLPK
  import ConvexKit
  import Foundation
  import TestSupport
  import Testing

  @Suite struct ProgramFileTests {
    /// Every kind of bound and variable, a range, a constant, an empty column and an empty row.
    private func program(
      maximize: Bool = false, constant: Double = 7.5, named: Bool = true
    ) throws -> MixedIntegerProgram {
      let n = 8
      let bounds: [Bounds] = [
        .nonnegative, .free, .atMost(-3), Bounds(lower: -1, upper: 5), .equal(to: 2), .atMost(4),
        .atLeast(3), Bounds(lower: 0, upper: 1),
      ]
      let rows = try SparseMatrix(
        Matrix<Double>(rows: 6, columns: n) { i, j in
          i < 5 && (j == i || j == i + 1) ? (j == i ? 1 : -0.1) : 0
        })
      let rowBounds: [Bounds] = [
        .atLeast(1), .atMost(2.5), Bounds(lower: -1, upper: 2), .equal(to: 3),
        Bounds(lower: 0, upper: 10), .atMost(1),
      ]
      let objective: Vector<Double> = [0.1, -2, 3, 1, 1e-3, 1e6, 4, 1]
      let names = ["x", "y#1", "z(3)", "w.a", "v_b", "u!", "t$", "q"]
      let rowNames = ["low", "high&1", "range", "eq", "wide", "empty/row"]
      let linear =
        maximize
        ? try LinearProgram(
          maximize: objective, constant: constant, rows: rows, rowBounds: rowBounds,
          variableBounds: bounds, rowNames: named ? rowNames : nil,
          variableNames: named ? names : nil)
        : try LinearProgram(
          minimize: objective, constant: constant, rows: rows, rowBounds: rowBounds,
          variableBounds: bounds, rowNames: named ? rowNames : nil,
          variableNames: named ? names : nil)
      return try MixedIntegerProgram(linear, integers: [0, 3, 7])
    }

    private func roundTrip(
      _ program: MixedIntegerProgram, _ format: ProgramFormat
    ) throws -> MixedIntegerProgram {
      try withTemporaryDirectory { folder in
        let url = folder.appendingPathComponent("program")
        try Data("old".utf8).write(to: url)
        try program.write(to: url, format: format)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["program"])
        return try MixedIntegerProgram(contentsOf: url, format: format)
      }
    }

    /// The program's variables by name: cost, bounds, column, whether an integer.
    private func columns(_ program: MixedIntegerProgram) -> [String: [Double]] {
      let linear = program.relaxation
      let names = linear.variableNames ?? []
      let transposed = linear.rows.transposed
      var columns: [String: [Double]] = [:]
      for (j, name) in names.enumerated() {
        var dense = [Double](repeating: 0, count: linear.rows.rows)
        for entry in transposed.rowStarts[j]..<transposed.rowStarts[j + 1] {
          dense[transposed.columnIndices[entry]] = transposed.values[entry]
        }
        let bounds = linear.variableBounds[j]
        columns[name] =
          [linear.objective[j], bounds.lower, bounds.upper, program.integers.contains(j) ? 1 : 0]
          + dense
      }
      return columns
    }

    private func expectEqual(_ a: [Bounds], _ b: [Bounds]) {
      #expect(maximumAbsoluteDifference(a.map(\.lower), b.map(\.lower)) < 1e-12)
      #expect(maximumAbsoluteDifference(a.map(\.upper), b.map(\.upper)) < 1e-12)
    }

    @Test(arguments: ProgramFormat.allCases, [7.5, 0])
    func `a program with all there is comes back`(format: ProgramFormat, constant: Double) throws {
      var expected = try program(constant: constant)
      if format == .fixedMPS {
        let short = ["low", "high&1", "range", "eq", "wide", "empty/ro"]
        expected = try MixedIntegerProgram(
          LinearProgram(
            minimize: expected.relaxation.objective, constant: constant,
            rows: expected.relaxation.rows, rowBounds: expected.relaxation.rowBounds,
            variableBounds: expected.relaxation.variableBounds, rowNames: short,
            variableNames: expected.relaxation.variableNames), integers: expected.integers)
      }
      let read = try roundTrip(expected, format)
      let (a, b) = (expected.relaxation, read.relaxation)
      #expect(b.sense == .minimize && b.constant == constant)
      #expect(b.rowNames == a.rowNames)
      expectEqual(a.rowBounds, b.rowBounds)
      let (left, right) = (columns(expected), columns(read))
      #expect(left.keys.sorted() == right.keys.sorted())
      for (name, column) in left {
        #expect(maximumAbsoluteDifference(column, right[name] ?? []) < 1e-12, "\(name)")
      }
      if format != .cplexLP { #expect(b.variableNames == a.variableNames) }
      #expect(try read.solve().status == expected.solve().status)
    }

    @Test(arguments: ProgramFormat.allCases)
    func `a maximum keeps its optimum, negated where the format has no direction`(
      format: ProgramFormat
    ) throws {
      let rows = try SparseMatrix(Matrix(rows: 2, columns: 2) { [[1.0, 2], [3, 1]][$0][$1] })
      let program = try LinearProgram(
        maximize: [3, 5], constant: -1, rows: rows, rowBounds: [.atMost(4), .atMost(6)])
      let expected = try program.solve().objective
      let read = try roundTrip(MixedIntegerProgram(program, integers: []), format)
      let isMPS = format == .freeMPS || format == .fixedMPS
      #expect(read.relaxation.sense == (isMPS ? .minimize : .maximize))
      #expect(abs(try read.relaxation.solve().objective - (isMPS ? -1 : 1) * expected) < 1e-12)
      #expect(read.integers.isEmpty)
    }

    @Test(arguments: [ProgramFormat.freeMPS, .fixedMPS])
    func `a right side of the objective is taken off it`(format: ProgramFormat) throws {
      let text = """
        NAME          C
        ROWS
         N  obj
         L  r
        COLUMNS
            x         obj               -1
            x         r                  1
        RHS
            rhs       obj             -7.5
            rhs       r                  2
        ENDATA

        """
      let program = try read(text, format)
      #expect(program.relaxation.constant == 7.5)
      #expect(try program.relaxation.solve().objective == 5.5)
      try withTemporaryDirectory { folder in
        let url = folder.appendingPathComponent("written")
        try program.write(to: url, format: format)
        #expect(try String(contentsOf: url, encoding: .utf8).contains("-7.5"))
      }
    }

    @Test(arguments: [ProgramFormat.freeMPS, .fixedMPS])
    func `an integer with a lower bound alone has no upper one`(format: ProgramFormat) throws {
      func bounds(_ lines: String...) throws -> Bounds {
        let head = """
          NAME          I
          ROWS
           N  obj
           L  r
          COLUMNS
              M1        'MARKER'                 'INTORG'
              x         obj               -1
              x         r                  1
              M2        'MARKER'                 'INTEND'
          RHS
              rhs       r                  7

          """
        let section = lines.isEmpty ? "" : "BOUNDS\n" + lines.joined(separator: "\n") + "\n"
        return try read(head + section + "ENDATA\n", format).relaxation.variableBounds[0]
      }
      #expect(try bounds() == Bounds(lower: 0, upper: 1))
      #expect(try bounds(" LO bnd       x                  4") == .atLeast(4))
      #expect(try bounds(" LO bnd       x                  0") == .nonnegative)
      #expect(try bounds(" MI bnd       x") == .free)
      #expect(
        try bounds(" LO bnd       x                 -3", " UP bnd       x                  1")
          == Bounds(lower: -3, upper: 1))
    }

    private func read(_ text: String, _ format: ProgramFormat) throws -> MixedIntegerProgram {
      try withTemporaryDirectory { folder in
        let url = folder.appendingPathComponent("program")
        try Data(text.utf8).write(to: url)
        return try MixedIntegerProgram(contentsOf: url, format: format)
      }
    }

    @Test(arguments: ProgramFormat.allCases)
    func `programs without names, objective, or bounded rows`(format: ProgramFormat) throws {
      let read = try roundTrip(program(named: false), format)
      #expect((read.relaxation.variableNames == nil) == (format == .glpk))
      #expect(read.relaxation.rows.rows == 6 && read.relaxation.rows.columns == 8)
      let rows = try SparseMatrix(Matrix(rows: 2, columns: 1) { _, _ in 1.0 })
      let silent = try LinearProgram(
        minimize: [0], rows: rows, rowBounds: [.free, .atLeast(2)])
      let again = try roundTrip(MixedIntegerProgram(silent, integers: []), format).relaxation
      #expect(again.objective == [0])
      #expect(again.rowBounds == (format == .glpk ? silent.rowBounds : [.atLeast(2)]))
    }

    @Test(arguments: ProgramFormat.allCases)
    func `the empty program comes back, or is refused`(format: ProgramFormat) throws {
      let none = try LinearProgram(
        minimize: [],
        rows: SparseMatrix(rows: 0, columns: 0, rowStarts: [0], columnIndices: [], values: []),
        rowBounds: [])
      let program = try MixedIntegerProgram(none, integers: [])
      if format == .cplexLP {
        #expect(throws: LinearProgramError.self) { try roundTrip(program, format) }
      } else {
        #expect(try roundTrip(program, format) == program)
      }
    }

    @Test func `names that a format would change are refused by place`() throws {
      func write(_ name: String, _ format: ProgramFormat, second: String = "b") throws {
        let rows = try SparseMatrix(Matrix(rows: 1, columns: 2) { _, _ in 1.0 })
        let program = try LinearProgram(
          minimize: [1, 1], rows: rows, rowBounds: [.atLeast(1)], rowNames: ["r"],
          variableNames: [second, name])
        try withTemporaryDirectory {
          try program.write(to: $0.appendingPathComponent("p"), format: format)
        }
      }
      let bad: [(ProgramFormat, [String])] = [
        (.glpk, ["", "a b", "a\n", String(repeating: "a", count: 256), "b"]),
        (.freeMPS, ["", "a b", "$a", "R0000000", "b"]),
        (.fixedMPS, ["abcdefghi", "a b"]),
        (.cplexLP, ["3x", ".a", "ü", "a+b", "free", "End", "~r", "a:b", "b"]),
      ]
      for (format, names) in bad {
        for name in names {
          let error = LinearProgramError.unwritableName(
            operand: "variableNames", index: 1, name: name, format: format)
          #expect(throws: error) { try write(name, format) }
        }
      }
      for (format, name) in [(ProgramFormat.glpk, "ü"), (.freeMPS, "ü"), (.cplexLP, "e5")] {
        #expect(throws: Never.self) { try write(name, format) }
      }
    }

    @Test func `names for other numbers of rows are refused`() throws {
      let rows = try SparseMatrix(Matrix(rows: 1, columns: 2) { _, _ in 1.0 })
      #expect(
        throws: LinearProgramError.shapeMismatch(operand: "rowNames", expected: 1, actual: 0)
      ) {
        try LinearProgram(minimize: [1, 1], rows: rows, rowBounds: [.free], rowNames: [])
      }
      #expect(
        throws: LinearProgramError.shapeMismatch(operand: "variableNames", expected: 2, actual: 1)
      ) {
        try LinearProgram(minimize: [1, 1], rows: rows, rowBounds: [.free], variableNames: ["a"])
      }
      #expect(throws: LinearProgramError.notFinite(operand: "constant", index: 0)) {
        try LinearProgram(minimize: [1, 1], constant: .nan, rows: rows, rowBounds: [.free])
      }
    }

    @Test func `malformed files say which line, missing ones that they are`() throws {
      let files: [(ProgramFormat, String, String)] = [
        (.freeMPS, "NAME x\nROWS\n N obj\n L r1\nCOLUMNS\n x r1 1e999\nENDATA\n", "line 6: "),
        (.freeMPS, "NAME x\nROWS\n Q obj\n", "line 3: "),
        (.freeMPS, "", "line 1: "),
        (.fixedMPS, "NAME\nROWS\n N  obj\n L  r1\nCOLUMNS\n x r1 1\n", "line 6: "),
        (.cplexLP, "Minimize\n obj: x + \nSubject To\n c: x >= 1\nEnd\n", "line 3: "),
        (.cplexLP, "hello", "line 1: "),
        (.glpk, "p lp min 1 1 1\nj 1 l inf\ne o f\n", "line 2: "),
        (.glpk, "p lp min 1 1 5\na 1 1 1\n", "line "),
      ]
      try withTemporaryDirectory { folder in
        for (index, (format, text, words)) in files.enumerated() {
          let url = folder.appendingPathComponent("\(index)")
          try Data(text.utf8).write(to: url)
          expectUnreadable(url, format, words)
        }
        expectUnreadable(folder.appendingPathComponent("none"), .glpk, "No such file")
        expectUnreadable(folder, .cplexLP, "Is a directory")
        // Good files still are, and a program beyond what a file of this size can be is refused.
        let huge = folder.appendingPathComponent("huge")
        try Data("p lp min 100000000 100000000 0\ne o f\n".utf8).write(to: huge)
        expectUnreadable(huge, .glpk, "memory")
        #expect(try roundTrip(program(), .glpk) == program())
      }
    }

    private func expectUnreadable(_ url: URL, _ format: ProgramFormat, _ words: String) {
      do {
        _ = try MixedIntegerProgram(contentsOf: url, format: format)
        Issue.record("\(format) \(url.lastPathComponent) was read")
      } catch {
        guard case .unreadable(let path, let reason) = error else {
          Issue.record("\(error)")
          return
        }
        #expect(path == url.path && reason.contains(words), "\(reason)")
      }
    }

    @Test func `a file that cannot be written leaves nothing behind`() throws {
      try withTemporaryDirectory { folder in
        let url = folder.appendingPathComponent("none/program.lp")
        #expect(throws: LinearProgramError.self) {
          try program().write(to: url, format: .cplexLP)
        }
        // A folder is in the way of the rename.
        let blocked = folder.appendingPathComponent("blocked")
        try FileManager.default.createDirectory(
          at: blocked.appendingPathComponent("inner"), withIntermediateDirectories: true)
        #expect(throws: LinearProgramError.self) {
          try program().write(to: blocked, format: .glpk)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["blocked"])
      }
    }

    @Test func `extensions name formats`() {
      #expect(ProgramFormat(pathExtension: "MPS") == .freeMPS)
      #expect(ProgramFormat(pathExtension: "lp") == .cplexLP)
      #expect(ProgramFormat(pathExtension: "glpk") == .glpk)
      #expect(ProgramFormat(pathExtension: "txt") == nil)
    }

    @Test func `many threads write and read at once`() throws {
      try withTemporaryDirectory { folder in
        let expected = try program()
        let missing = folder.appendingPathComponent("missing")
        Parallel.forEachRange(count: 40, threads: 8) { range in
          for index in range {
            let url = folder.appendingPathComponent("\(index)")
            #expect(throws: Never.self) { try expected.write(to: url, format: .glpk) }
            #expect((try? MixedIntegerProgram(contentsOf: url, format: .glpk)) == expected)
            #expect(throws: LinearProgramError.self) {
              try MixedIntegerProgram(contentsOf: missing, format: .cplexLP)
            }
          }
        }
      }
    }
  }
#endif
