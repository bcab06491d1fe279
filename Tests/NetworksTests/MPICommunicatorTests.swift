#if MPI
  import Networks
  import Testing

  @Suite struct MPICommunicatorTests {
    @Test func `a process alone is rank 0 of 1, and MPI's errors come back in its words`() throws {
      let communicator = try MPICommunicator()
      #expect(communicator.rank == 0 && communicator.count == 1)
      #expect(try communicator.sum([1, 2.5]) == [1, 2.5])
      #expect(try communicator.broadcast([3, 1, 4], from: 0) == [3, 1, 4])
      var values: [Float] = [1, 2, 3]
      try values.withUnsafeMutableBufferPointer { values in
        let pending = try communicator.beginSum(values)
        try pending.proceed()
        try pending.wait()
      }
      #expect(values == [1, 2, 3])
      do throws(CommunicationError) {
        _ = try communicator.broadcast([1], from: 99)
        Issue.record("there is no rank 99")
      } catch {
        guard case .mpi(let operation, _, let reason) = error else {
          Issue.record("\(error)")
          return
        }
        #expect(operation == "MPI_Bcast" && reason.contains("MPI_ERR_ROOT"), "\(error)")
      }
      try communicator.finish()
    }
  }
#endif
