/// How much glucose the muscles take up: the classes of the first experiment, in order.
public enum UptakeLabel: String, Sendable, CaseIterable, Codable {
  /// Muscles at rest.
  case normal
  /// Some muscles somewhat raised.
  case mild
  /// Many muscles, strongly raised.
  case severe

  /// The number of the class: 0, 1, 2.
  public var index: Int {
    switch self {
    case .normal: 0
    case .mild: 1
    case .severe: 2
    }
  }
}
