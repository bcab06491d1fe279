import Foundation
import Networks

/// The machines that train together: the processes that `mpirun` started, or this one alone.
struct TrainingMachines {
  /// What the trainer is given; nil for this machine alone.
  let replicas: Replicas?
  private let leaving: () throws -> Void

  /// Whether this machine writes and prints for all.
  var isFirst: Bool { replicas.map { $0.communicator.rank == 0 } ?? true }

  /// How many there are.
  var count: Int { replicas?.communicator.count ?? 1 }

  /// Joins the processes that were started together with this one.
  ///
  /// - Parameter statistics: Whose statistics batch norms use.
  /// - Returns: All of them, or this one alone.
  /// - Throws: `CommunicationError`: MPI's, or that this program was built without it.
  static func join(statistics: Replicas.Statistics) throws -> TrainingMachines {
    // Open MPI's name, then MPICH's.
    let names = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"]
    let environment = ProcessInfo.processInfo.environment
    let processes = names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first ?? 1
    guard processes > 1 else { return TrainingMachines(replicas: nil) {} }
    #if MPI
      let communicator = try MPICommunicator()
      if communicator.rank > 0 {
        // Everybody would print the same.
        let nowhere = open("/dev/null", O_WRONLY)
        dup2(nowhere, STDOUT_FILENO)
        close(nowhere)
      }
      return TrainingMachines(replicas: Replicas(communicator, statistics: statistics)) {
        try communicator.finish()
      }
    #else
      throw CommunicationError.notBuilt(processes: processes)
    #endif
  }

  private init(replicas: Replicas?, leaving: @escaping () throws -> Void) {
    (self.replicas, self.leaving) = (replicas, leaving)
  }

  /// Leaves the others, when all of them do so.
  func leave() throws { try leaving() }
}
