/// What can go wrong between machines that train together.
@nonexhaustive
public enum CommunicationError: Error, Equatable, Sendable {
  /// MPI refused a call: `operation` is the call, `code` and `reason` are MPI's.
  case mpi(operation: String, code: Int, reason: String)
  /// More than one process was started, and this build cannot talk to the others.
  case notBuilt(processes: Int)
  /// The weights of a rank are not those of rank 0 any more.
  case replicasDiffer(epoch: Int, ranks: Int)
  /// Another rank had to end the run; its own message says why.
  case endedElsewhere(ranks: Int)
}

extension CommunicationError: CustomStringConvertible {
  /// The call, the values and the remedy, on one line.
  public var description: String {
    switch self {
    case .mpi(let operation, let code, let reason):
      "\(operation) failed with code \(code): \(reason)"
    case .notBuilt(let processes):
      "\(processes) processes were started together, and this program was built without MPI; build it "
        + "with --traits MPI,GLPK, or start it alone"
    case .replicasDiffer(let epoch, let ranks):
      "after epoch \(epoch) the weights of \(ranks) machines are not those of the first; use the same "
        + "program and libraries on all machines, and resume from the last checkpoint"
    case .endedElsewhere(let ranks):
      "\(ranks) other machines had to end the run; see their messages"
    }
  }
}
