/// How large an experiment is.
public enum ExperimentScale: String, Sendable, Codable, CaseIterable {
  /// Small images and networks: minutes on two cores, for simulated data and for learning how
  /// everything works.
  case small
  /// The paper's images and networks: days on a few cores; prints its estimate first.
  case paper
}
