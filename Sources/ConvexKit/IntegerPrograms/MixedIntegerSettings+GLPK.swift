#if GLPK
  import CGLPK

  extension MixedIntegerSettings {
    private typealias Callbacks = (
      isCancelled: (@Sendable () -> Bool)?, observer: (@Sendable (MixedIntegerProgress) -> Void)?
    )

    /// The settings as C has them, for the time of a call.
    func withC<Result>(_ body: (inout cglpk_search) -> Result) -> Result {
      let relaxation = LinearProgramSettings(
        presolve: presolve, timeLimit: timeLimit, tolerance: tolerance)
      return relaxation.withC { relaxation in
        var search = cglpk_search()
        search.absolute_gap = absoluteGap
        search.relative_gap = relativeGap
        search.integrality = integrality
        search.node_limit = Int32(clamping: max(nodeLimit ?? .max, 0))
        search.gomory_cuts = cuts.contains(.gomory) ? 1 : 0
        search.rounding_cuts = cuts.contains(.rounding) ? 1 : 0
        search.cover_cuts = cuts.contains(.covers) ? 1 : 0
        search.clique_cuts = cuts.contains(.cliques) ? 1 : 0
        return withUnsafePointer(to: Callbacks(isCancelled, observer)) { callbacks in
          relaxation.context = UnsafeMutableRawPointer(mutating: callbacks)
          if isCancelled != nil {
            relaxation.is_cancelled = { context in
              let callbacks = context?.assumingMemoryBound(to: Callbacks.self).pointee
              return callbacks?.isCancelled?() == true ? 1 : 0
            }
          }
          if observer != nil {
            search.tell = { context, objective, bound, nodes in
              let callbacks = context?.assumingMemoryBound(to: Callbacks.self).pointee
              callbacks?.observer?(
                MixedIntegerProgress(objective: objective, bound: bound, nodes: Int(nodes)))
            }
          }
          search.relaxation = relaxation
          return body(&search)
        }
      }
    }
  }
#endif
