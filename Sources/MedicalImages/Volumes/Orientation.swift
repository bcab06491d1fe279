/// Which way each voxel index runs in the patient, to the nearest anatomical axis.
///
/// Written as three letters, the direction in which i, j and k grow: BraTS volumes are "LPS",
/// the Montreal templates "RAS".
public struct Orientation: Sendable, Hashable, CustomStringConvertible {
  /// The world axis (0 left-right, 1 back-front, 2 feet-head) that each index follows.
  public let axes: [Int]
  /// +1 where the index grows to the right, the front or the head, else -1.
  public let signs: [Int]

  private init(axes: [Int], signs: [Int]) {
    (self.axes, self.signs) = (axes, signs)
  }

  /// Left, posterior, superior: rows of an axial slice run from the front to the back of the
  /// head and columns from its right to its left, as radiologists look at it.
  public static let lps = Orientation(axes: [0, 1, 2], signs: [-1, -1, 1])
  /// Right, anterior, superior: every index grows with its world coordinate.
  public static let ras = Orientation(axes: [0, 1, 2], signs: [1, 1, 1])

  /// The orientation nearest to an affine: of the six ways to assign indices to world axes the
  /// one whose cosines have the largest sum, so that no two indices share an axis however
  /// oblique the scan.
  public init(nearestTo affine: Affine) {
    let spacing = affine.spacing
    let columns = [affine.columns.0, affine.columns.1, affine.columns.2]
    func cosine(_ index: Int, _ axis: Int) -> Double { columns[index][axis] / spacing[index] }
    let assignments = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    var best = assignments[0]
    var bestSum = -Double.infinity
    for axes in assignments {
      let sum = (0..<3).reduce(0.0) { $0 + abs(cosine($1, axes[$1])) }
      if sum > bestSum { (best, bestSum) = (axes, sum) }
    }
    self.init(axes: best, signs: (0..<3).map { cosine($0, best[$0]) < 0 ? -1 : 1 })
  }

  /// Three letters, the direction in which each index grows.
  public var description: String {
    let letters = [["L", "R"], ["P", "A"], ["I", "S"]]
    return (0..<3).map { letters[axes[$0]][signs[$0] > 0 ? 1 : 0] }.joined()
  }
}
