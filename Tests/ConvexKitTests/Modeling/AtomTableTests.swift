import ConvexKit
import Foundation
import Testing

/// Atoms.md says of every atom what the code says.
@Suite struct AtomTableTests {
  private typealias Function = @Sendable (ConvexKit.Expression) -> ConvexKit.Expression

  /// An atom as a function of each of its arguments.
  private static let atoms: [(name: String, functions: [Function])] = [
    ("``abs(_:)``", [{ abs($0) }]),
    ("``positivePart(_:)``", [{ positivePart($0) }]),
    ("``negativePart(_:)``", [{ negativePart($0) }]),
    ("``max(_:)``", [{ max($0) }]),
    ("``min(_:)``", [{ min($0) }]),
    ("``max(_:_:_:)``", [{ max($0, other) }, { max(other, $0) }]),
    ("``min(_:_:_:)``", [{ min($0, other) }, { min(other, $0) }]),
    ("``sumLargest(_:_:)``", [{ sumLargest($0, 2) }]),
    ("``sumSmallest(_:_:)``", [{ sumSmallest($0, 2) }]),
    ("``norm1(_:)``", [{ norm1($0) }]),
    ("``norm2(_:)``", [{ norm2($0) }]),
    ("``normInf(_:)``", [{ normInf($0) }]),
    ("``norm(_:_:)``", [{ norm($0, 3) }]),
    ("``totalVariation(_:)``", [{ totalVariation($0) }]),
    ("``square(_:)``", [{ square($0) }]),
    ("``sumSquares(_:)``", [{ sumSquares($0) }]),
    ("``quadForm(_:_:)``", [{ quadForm($0, semidefinite) }]),
    ("``quadForm(_:_:)``, Q ⪯ 0", [{ quadForm($0, -semidefinite.expression) }]),
    ("``quadOverLin(_:_:)``", [{ quadOverLin($0, other[0]) }, { quadOverLin(other, $0[0]) }]),
    ("``quadOverLin(_:_:)``, y constant", [{ quadOverLin($0, 3) }]),
    ("``huber(_:_:)``", [{ huber($0) }]),
    ("``power(_:_:)``, p = 4, 6, …", [{ power($0, 4) }]),
    ("``power(_:_:)``, other p > 1", [{ power($0, 3) }]),
    ("``power(_:_:)``, 0 < p < 1", [{ power($0, 0.3) }]),
    ("``power(_:_:)``, p < 0", [{ power($0, -2) }]),
    ("``sqrt(_:)``", [{ sqrt($0) }]),
    ("``inversePositive(_:)``", [{ inversePositive($0) }]),
    ("``geometricMean(_:)``", [{ geometricMean($0) }]),
    ("``harmonicMean(_:)``", [{ harmonicMean($0) }]),
    ("``exp(_:)``", [{ exp($0) }]),
    ("``log(_:)``", [{ log($0) }]),
    ("``logistic(_:)``", [{ logistic($0) }]),
    ("``logSumExp(_:)``", [{ logSumExp($0) }]),
    ("``entropy(_:)``", [{ entropy($0) }]),
    ("``entropyTerms(_:)``", [{ entropyTerms($0) }]),
    (
      "``relativeEntropy(_:_:)``",
      [{ relativeEntropy($0, other) }, { relativeEntropy(other, $0) }]
    ),
    (
      "``relativeEntropyTerms(_:_:)``",
      [{ relativeEntropyTerms($0, other) }, { relativeEntropyTerms(other, $0) }]
    ),
    ("``klDivergence(_:_:)``", [{ klDivergence($0, other) }, { klDivergence(other, $0) }]),
    (
      "``klDivergenceTerms(_:_:)``",
      [{ klDivergenceTerms($0, other) }, { klDivergenceTerms(other, $0) }]
    ),
  ]

  private static let other = Variable(4, name: "y")
  private static let semidefinite = Matrix<Double>(rows: 4, columns: 4) { $0 == $1 ? 2 : 1 }

  private static func article() throws -> String {
    try String(
      contentsOf: root.appendingPathComponent("Sources/ConvexKit/ConvexKit.docc/Atoms.md"),
      encoding: .utf8)
  }

  private static let root = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in
    url.deletingLastPathComponent()
  }

  /// The cells of the tables with seven columns, by the first one.
  private static func rows() throws -> [String: [String]] {
    var rows: [String: [String]] = [:]
    for line in try article().split(separator: "\n") where line.hasPrefix("| ``") {
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst()
        .dropLast().map { $0.trimmingCharacters(in: .whitespaces) }
      if cells.count == 7 { rows[cells[0]] = cells }
    }
    return rows
  }

  @Test func `sign, curvature, monotonicity and cones are those of the table`() throws {
    let rows = try Self.rows()
    #expect(Set(rows.keys) == Set(Self.atoms.map(\.name)))
    for (name, functions) in Self.atoms {
      let row = try #require(rows[name])
      let f = functions[0]
      let x = Variable(4, name: "x")
      #expect(row[2] == sign(of: functions), "\(name)")
      #expect(row[3] == f(x).curvature.rawValue, "\(name)")
      let words = functions.map(monotonicity)
      #expect(
        row[4] == (words.count == 1 ? words[0] : "\(words[0]) in x, \(words[1]) in y"), "\(name)")
      let cones = try cones(f(x), inObjective: false)
      #expect(row[5] == cones, "\(name)")
      let direct = try self.cones(f(x), inObjective: true)
      #expect(row[6] == (direct == cones ? "" : direct), "\(name)")
    }
  }

  @Test func `every function of the folder is listed`() throws {
    let article = try Self.article()
    let folder = Self.root.appendingPathComponent("Sources/ConvexKit/Modeling/Atoms")
    var count = 0
    for file in try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    {
      for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
      where line.hasPrefix("public func ") {
        let name = line.dropFirst("public func ".count).prefix { $0 != "(" }
        #expect(article.contains("``\(name)("), "\(name)")
        count += 1
      }
    }
    #expect(count > 40)
  }

  private func sign(of functions: [Function]) -> String {
    let real = functions[0](Variable(4)).sign
    switch real {
    case .nonnegative, .zero: return "≥ 0"
    case .nonpositive: return "≤ 0"
    case .unknown:
      let (plus, minus) = (Variable(4, .nonnegative), Variable(4, .nonpositive))
      let follows =
        functions.count == 1
        && functions[0](plus).sign == .nonnegative && functions[0](minus).sign == .nonpositive
      let depends = functions.count == 2 && functions[0](plus).sign != functions[0](minus).sign
      return follows ? "of x" : depends ? "of x and y" : "unknown"
    }
  }

  /// By the rule for compositions: with a convex argument of unknown sign, a concave one, and a
  /// convex one that is not negative.
  private func monotonicity(_ f: Function) -> String {
    let x = Variable(4)
    let curvature = f(x).curvature
    let (convex, concave) = (exp(x) - 5, log(x))
    let (same, opposite) = curvature == .convex ? (convex, concave) : (concave, convex)
    if f(same).curvature == curvature { return "rising" }
    if f(opposite).curvature == curvature { return "falling" }
    return f(exp(x)).curvature == curvature ? "even" : "neither"
  }

  /// The cones of a problem with the expression in its objective, or in a constraint whose own row
  /// is not counted.
  private func cones(_ f: ConvexKit.Expression, inObjective: Bool) throws -> String {
    let value = sum(f)
    let isConvex = f.curvature == .convex
    let problem: Problem
    if inObjective {
      problem = isConvex ? try Problem(minimize: value) : try Problem(maximize: value)
    } else {
      problem = try Problem(minimize: 0, subjectTo: [isConvex ? value <= 1 : value >= -1])
    }
    let program = try problem.coneProgram()
    var rows: [String: Int] = inObjective ? [:] : ["nonnegative": -1]
    for cone in program.cones {
      let name =
        switch cone {
        case .zero: "zero"
        case .nonnegative: "nonnegative"
        case .secondOrder: "second-order"
        case .exponential: "exponential"
        case .power: "power"
        }
      rows[name, default: 0] += cone.dimension
    }
    if !program.quadratic.values.isEmpty { rows["P"] = 1 }
    return ["P", "zero", "nonnegative", "second-order", "exponential", "power"]
      .filter { rows[$0, default: 0] > 0 }.joined(separator: ", ")
  }
}
