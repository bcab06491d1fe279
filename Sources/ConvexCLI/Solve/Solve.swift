import ArgumentParser
import ArrayFiles
import ConvexKit
import Foundation
import KLProjection

/// `convex solve`: instances of Eq. 4, and cone programs, in files.
struct Solve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Solve Eq. 4 exactly, for attention maps that agree, or any cone, linear or integer program.",
    usage: """
      convex solve FILE [--output OUT.safetensors] [--json] [--verbose]
      convex solve --fine F.npy --coarse C.npy [--output OUT.safetensors] [--json]
      """,
    discussion: """
      FILE is a safetensors file with an instance of Eq. 4 or a cone program, or a
      linear or integer program as .mps, .lp or .glp.
      What it has tells which.

      AN INSTANCE OF EQ. 4. Maps are flattened row by row; a leading axis makes a
      batch.

        tau [m], rho [n]      the fine and the coarse map; sums are divided out
        phi_f [m], phi_c [n]  or their potentials, τ = softmax φ, which never
                              underflow; -inf is a cell without mass. Where
                              both are there, potentials are used
        labels [m]            the coarse cell of each fine cell, from 0
        A_indptr, A_indices, A_values
                              or A by compressed rows, for windows that
                              overlap; or A_dense [n, m]
        weights [2]           w_f and w_c; 1 and 1 unless given
        mu_bar, nu_bar        optional cotangents, for derivatives
        lambda_in [n]         an optional multiplier, to be judged; with a batch, one
                              for all samples or [B, n]

      More than two maps: tau_1, tau_2, ... or phi_k, fine to coarse, labels_1
      from map 1 to map 2 and so on, weights, and optionally mu_bar_k.

      OUT has mu, nu, lambda, objective, log_mu, log_nu (mu_k, log_mu_k,
      lambda_k for more maps), and
        mu_support, nu_support   when the constraints force cells to zero
        vjp_phi_f, dvalue_phi_f  and so on: derivatives, with cotangents
        p, q, mu_lambda, dual_objective, gap, kl_pq, kl_qp, grad_*
                                 what lambda_in proves, and Eq. 6 at it

      λ says how to get the maps back: ν ∝ ρ exp(λ/w_c), μ ∝ τ exp(-Aᵀλ/w_f).

      Examples:
        convex solve instance.safetensors --json
        convex solve --fine gate3.npy --coarse gate4.npy --potentials \\
          --output consistent.safetensors

      \(ConeInstance.help)

      \(ProgramFileInstance.help)

      Exit codes: 0 all solved; 1 infeasible, unbounded or not solved to full
      accuracy; 2 wrong usage or bad input; 130 interrupted.
      """)

  @Argument(
    help: ArgumentHelp("An instance of Eq. 4, or a cone program.", valueName: "FILE"))
  var file: String?

  @Option(
    help: ArgumentHelp(
      "The fine map: [rows, columns], or with a leading axis a batch.", valueName: "F.npy"))
  var fine: String?

  @Option(
    help: ArgumentHelp("The coarse map, on a grid that divides the fine one.", valueName: "C.npy"))
  var coarse: String?

  @Flag(help: "The maps of --fine and --coarse are potentials, not probabilities.")
  var potentials = false

  @Option(
    help: ArgumentHelp("The weights w_f,w_c with --fine and --coarse.", valueName: "w_f,w_c"),
    transform: Solve.weights)
  var weights: [Double]?

  @Flag(help: "Use Newton's method where a closed form would do, to check one by the other.")
  var newton = false

  @Option(help: ArgumentHelp("Where the solution goes.", valueName: "OUT.safetensors"))
  var output: String?

  @Flag(
    help: """
      Print status, optimum, dual_value, gap, residual, iterations and method of every instance as JSON; of a \
      cone program its status, objective, dual_objective, gap, residuals, iterations, method and seconds.
      """)
  var json = false

  @Flag(help: "Print every iteration on a cone program to standard error.")
  var verbose = false

  func validate() throws {
    switch (file, fine, coarse) {
    case (.some, nil, nil):
      if potentials || weights != nil {
        throw ValidationError("--potentials and --weights go with --fine and --coarse")
      }
    case (nil, .some, .some):
      if verbose { throw ValidationError(Solve.verboseIsForConePrograms) }
    default: throw ValidationError("give either FILE, or both --fine and --coarse")
    }
    guard let output else { return }
    let target = URL(fileURLWithPath: output).resolvingSymlinksInPath()
    for input in [file, fine, coarse].compactMap({ $0 })
    where URL(fileURLWithPath: input).resolvingSymlinksInPath() == target {
      throw ValidationError("\(SolveError.overwrites(path: output))")
    }
  }

  func run() throws {
    let outcome = try outcome()
    if let output {
      try Safetensors(arrays: outcome.arrays, metadata: outcome.metadata)
        .write(to: URL(fileURLWithPath: output))
    }
    if json {
      print(try outcome.json())
    } else if isatty(FileHandle.standardOutput.fileDescriptor) == 1 {
      for line in outcome.lines { print(line) }
    }
    if let complaint = outcome.complaint(path: inputPath) {
      Solve.say("convex: \(complaint)")
      throw ExitCode(outcome.code)
    }
  }

  /// Reads and solves what the arguments name.
  func outcome() throws -> any Outcome {
    let method: ProjectionSettings.Method = newton ? .newton : .automatic
    if let fine, let coarse {
      return try PairInstance(
        fine: NPY.read(URL(fileURLWithPath: fine)),
        coarse: NPY.read(URL(fileURLWithPath: coarse)),
        form: potentials ? .potentials : .probabilities, weights: weights ?? [1, 1],
        path: inputPath
      ).solve(method: method)
    }
    if let format = ProgramFileInstance.format(inputPath) {
      if newton { throw ValidationError("--newton is for Eq. 4; this is a linear program") }
      return try solve(format)
    }
    let instance = try InstanceFile(URL(fileURLWithPath: inputPath))
    if ConeInstance.describes(instance) {
      if newton { throw ValidationError("--newton is for Eq. 4; this is a cone program") }
      return try solve(ConeInstance(instance))
    }
    if verbose { throw ValidationError(Solve.verboseIsForConePrograms) }
    guard HierarchyInstance.describes(instance) else {
      return try PairInstance(instance).solve(method: method)
    }
    if newton { throw ValidationError("--newton is for two maps; this instance has more") }
    return try HierarchyInstance(instance).solve()
  }

  private func solve(_ format: ProgramFormat) throws -> any Outcome {
    #if GLPK
      Interruption.listen()
      let outcome = try ProgramFileInstance.solve(
        inputPath, format, say: verbose ? { Solve.say($0) } : nil)
      if outcome.status == .cancelled, outcome.arrays.isEmpty { throw CancellationError() }
      return outcome
    #else
      throw ValidationError(
        "\(inputPath): \(format.name) files need GLPK; build with the trait GLPK")
    #endif
  }

  private func solve(_ instance: ConeInstance) throws -> ConeOutcome {
    Interruption.listen()
    var settings = ConeSettings(isCancelled: { Interruption.isRequested })
    if verbose {
      settings.observer = { progress in
        if progress.iteration == 0 { Solve.say(ConeProgressTable.header) }
        Solve.say(ConeProgressTable.line(progress))
      }
    }
    let outcome = ConeOutcome(instance.program.solve(settings), of: instance.program)
    if outcome.solution.status == .cancelled { throw CancellationError() }
    if verbose { Solve.say(outcome.lines[0]) }
    return outcome
  }

  /// What to call the input in errors.
  private var inputPath: String { file ?? "\(fine ?? "") and \(coarse ?? "")" }

  private static let verboseIsForConePrograms =
    "--verbose is for cone programs; Eq. 4 takes a few iterations, which --json counts"

  private static func say(_ line: String) {
    FileHandle.standardError.write(Data("\(line)\n".utf8))
  }

  private static func weights(_ text: String) throws -> [Double] {
    let numbers = text.split(separator: ",").map { Double($0) }
    guard numbers.count == 2, let fine = numbers[0], let coarse = numbers[1] else {
      throw ValidationError("'\(text)' is not two numbers like 2,1")
    }
    return [fine, coarse]
  }
}
