#if MPI
  import CMPI

  /// The processes that `mpirun` started, by Open MPI or another MPI library.
  ///
  /// All calls come from the thread that made it. There is one per process.
  public final class MPICommunicator: Communicator {
    /// The number of this process.
    public let rank: Int
    /// The number of processes.
    public let count: Int
    /// Where gradients travel. Collective calls of one communicator must come in the same order
    /// everywhere; those of another one do not mind.
    nonisolated(unsafe) private let gradients: MPI_Comm

    /// Joins the other processes.
    ///
    /// - Throws: ``CommunicationError/mpi(operation:code:reason:)``.
    public init() throws(CommunicationError) {
      var provided: Int32 = 0
      try Self.check(
        "MPI_Init_thread", MPI_Init_thread(nil, nil, cmpi_thread_funneled(), &provided))
      // Without this an error would end the process with MPI's own message.
      try Self.check(
        "MPI_Comm_set_errhandler",
        MPI_Comm_set_errhandler(cmpi_comm_world(), cmpi_errors_return()))
      var (rank, count): (Int32, Int32) = (0, 0)
      try Self.check("MPI_Comm_rank", MPI_Comm_rank(cmpi_comm_world(), &rank))
      try Self.check("MPI_Comm_size", MPI_Comm_size(cmpi_comm_world(), &count))
      // The copy returns its errors too.
      var copy: MPI_Comm? = cmpi_comm_world()
      try Self.check("MPI_Comm_dup", MPI_Comm_dup(cmpi_comm_world(), &copy))
      (self.rank, self.count) = (Int(rank), Int(count))
      gradients = copy ?? cmpi_comm_world()
    }

    /// Leaves the other processes, which must all do so. Nothing may be called afterwards.
    ///
    /// - Throws: ``CommunicationError/mpi(operation:code:reason:)``.
    public func finish() throws(CommunicationError) {
      try Self.check("MPI_Finalize", MPI_Finalize())
    }

    /// The sum over the processes, by `MPI_Allreduce`.
    public func sum(_ values: [Double]) throws(CommunicationError) -> [Double] {
      var sums = [Double](repeating: 0, count: values.count)
      try Self.check(
        "MPI_Allreduce",
        MPI_Allreduce(
          values, &sums, Int32(values.count), cmpi_double(), cmpi_sum(), cmpi_comm_world()))
      return sums
    }

    /// Begins a sum over the processes, by `MPI_Iallreduce`.
    public func beginSum(
      _ values: UnsafeMutableBufferPointer<Float>
    ) throws(CommunicationError) -> any PendingSum {
      var request = cmpi_request_null()
      try Self.check(
        "MPI_Iallreduce",
        MPI_Iallreduce(
          cmpi_in_place(), values.baseAddress, Int32(values.count), cmpi_float(), cmpi_sum(),
          gradients, &request))
      return Request(request)
    }

    /// The bytes of one process on all, by `MPI_Bcast`.
    public func broadcast(
      _ bytes: [UInt8], from root: Int
    ) throws(CommunicationError) -> [UInt8] {
      var length = [Int64(bytes.count)]
      try broadcast(&length, bytes: 8, from: root)
      var all = rank == root ? bytes : [UInt8](repeating: 0, count: Int(length[0]))
      // Counts are 32-bit: long messages go in pieces.
      var done = 0
      while done < all.count {
        let piece = min(all.count - done, 1 << 30)
        let code = all.withUnsafeMutableBytes { all in
          MPI_Bcast(
            all.baseAddress?.advanced(by: done), Int32(piece), cmpi_byte(), Int32(root),
            cmpi_comm_world())
        }
        try Self.check("MPI_Bcast", code)
        done += piece
      }
      return all
    }

    private func broadcast(
      _ value: inout [Int64], bytes: Int32, from root: Int
    ) throws(CommunicationError) {
      try Self.check(
        "MPI_Bcast", MPI_Bcast(&value, bytes, cmpi_byte(), Int32(root), cmpi_comm_world()))
    }

    private final class Request: PendingSum {
      private var request: MPI_Request?

      init(_ request: MPI_Request?) { self.request = request }

      func proceed() throws(CommunicationError) {
        var isDone: Int32 = 0
        try MPICommunicator.check(
          "MPI_Test", MPI_Test(&request, &isDone, cmpi_status_ignore()))
      }

      func wait() throws(CommunicationError) {
        try MPICommunicator.check("MPI_Wait", MPI_Wait(&request, cmpi_status_ignore()))
      }
    }

    static func check(_ operation: String, _ code: Int32) throws(CommunicationError) {
      guard code != cmpi_success() else { return }
      var text = [CChar](repeating: 0, count: Int(MPI_MAX_ERROR_STRING) + 1)
      var length: Int32 = 0
      MPI_Error_string(code, &text, &length)
      let reason = String(
        decoding: text.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
      throw .mpi(operation: operation, code: Int(code), reason: reason)
    }
  }
#endif
