import ConvexKit

/// Where the time of a piece of work went, by kind of primitive.
///
/// ```swift
/// let (loss, profile) = Profile.measuring { step() }
/// print(profile.text(convolutionRate: ConvolutionRate.measured()))
/// ```
///
/// Measured are the values and the pullbacks of the primitives, the sums of cotangents of values
/// that are used several times, and the optimizer's steps; what is left over is Swift between them
/// and whatever else the work does.
public struct Profile: Sendable {
  /// The time of one kind of primitive.
  public struct Row: Sendable, Equatable {
    /// The primitive; or what was done beside them.
    public let name: String
    /// How often its value, its pullback or both were computed.
    public internal(set) var calls = 0
    /// Seconds in its value.
    public internal(set) var forward = 0.0
    /// Seconds in its pullback.
    public internal(set) var pullback = 0.0
    /// Additions and multiplications, where they are counted: in convolutions.
    public internal(set) var operations = 0.0

    /// Seconds in both.
    public var seconds: Double { forward + pullback }
  }

  /// The kinds of primitives, the one that took longest first.
  public let rows: [Row]
  /// The seconds of the whole.
  public let seconds: Double

  /// Does some work and measures it.
  ///
  /// - Parameter body: The work, which runs on the calling thread. Applications in it that other
  ///   threads make are not measured.
  /// - Returns: What it returned, and its profile.
  public static func measuring<Result>(
    _ body: () throws -> Result
  ) rethrows -> (result: Result, profile: Profile) {
    let recorder = ProfileRecorder()
    let start = ProfileRecorder.now()
    let result = try ProfileRecorder.$current.withValue(recorder, operation: body)
    return (result, Profile(rows: recorder.rows, seconds: ProfileRecorder.now() - start))
  }

  init(rows: some Sequence<Row>, seconds: Double) {
    self.rows = rows.sorted { ($0.seconds, $1.name) > ($1.seconds, $0.name) }
    self.seconds = seconds
  }

  /// The sum of two profiles, as of one piece of work after the other.
  public static func + (a: Profile, b: Profile) -> Profile {
    var rows = Dictionary(uniqueKeysWithValues: a.rows.map { ($0.name, $0) })
    for row in b.rows {
      var sum = rows[row.name] ?? Row(name: row.name)
      sum.calls += row.calls
      sum.forward += row.forward
      sum.pullback += row.pullback
      sum.operations += row.operations
      rows[row.name] = sum
    }
    return Profile(rows: rows.values, seconds: a.seconds + b.seconds)
  }

  /// The additions and multiplications per second of the whole, those of convolutions counted.
  public var rate: Double { rows.reduce(0) { $0 + $1.operations } / seconds }
}
