import RealModule

/// Eq. 4 by Newton's method on the dual, one sample at a time: from the maps to the face, from
/// there to λ, and back.
final class NewtonProjection {
  private let marginalization: Marginalization
  let weights: ProjectionWeights
  private let settings: ProjectionSettings
  let scratch: Scratch
  /// The face of samples without zeros, and its solver.
  private lazy var commonFace =
    marginalization.isPartition
    ? Face(marginalization, isPossible: { _ in true }, { _ in true }) : marginalization.commonFace
  private lazy var commonSolver = commonFace.map { DualNewton($0.stencil, settings) }

  init(
    _ marginalization: Marginalization, _ weights: ProjectionWeights,
    _ settings: ProjectionSettings
  ) {
    self.marginalization = marginalization
    self.weights = weights
    self.settings = settings
    scratch = Scratch(
      fineCount: marginalization.fineCount, coarseCount: marginalization.coarseCount,
      fineBuffers: 4, coarseBuffers: 3)
  }

  /// log τ, normalized.
  private var logFine: UnsafeMutableBufferPointer<Double> { scratch.fine[0] }
  /// log ρ, normalized.
  private var logCoarse: UnsafeMutableBufferPointer<Double> { scratch.coarse[0] }

  /// Solves one valid sample from a λ, `[n]` or nothing, and leaves the solution's λ, `[n]`, in
  /// `witness`.
  func solve<Scalar>(
    _ sample: Sample<Scalar>, into output: SampleOutput<Scalar>, from start: ArraySlice<Double>,
    witness: UnsafeMutablePointer<Double>?
  ) -> ProjectionSummary {
    guard let (face, solver) = prepare(sample) else {
      output.clear()
      return .infeasible(method: .newton)
    }
    let instance = instance(on: face)
    place(start, on: face, into: solver.point.witness)
    let (outcome, iterations) = solver.solve(instance, isWarm: !start.isEmpty)
    let solution = FaceSolution(solver.point, instance, room: scratch.fine[3])
    let values = values(solution, instance, face)
    expand(solution, face, into: output)
    if let witness { report(solver.point, face, into: witness) }
    return ProjectionSummary(
      status: outcome == .solved ? .solved : .iterationLimit, method: .newton,
      iterations: iterations, optimum: values.primal, dualValue: values.dual,
      residual: solution.residual)
  }

  /// Everything about a feasible sample that its maps do not say, given its λ.
  func detail<Scalar>(_ sample: Sample<Scalar>, witness: ArraySlice<Double>) -> ProjectionDetail {
    var logFine = [Double](repeating: -.infinity, count: marginalization.fineCount)
    var logCoarse = [Double](repeating: -.infinity, count: marginalization.coarseCount)
    if let (face, solver) = prepare(sample) {
      let instance = instance(on: face)
      place(witness, on: face, into: solver.point.witness)
      solver.point.evaluate(instance)
      let solution = FaceSolution(solver.point, instance, room: scratch.fine[3])
      for index in solution.fineIndices { logFine[face.fine(index)] = solution.logFine(index) }
      for index in solution.coarseIndices {
        logCoarse[face.coarse(index)] = solution.logCoarse(index)
      }
    }
    return ProjectionDetail(logFine: logFine, logCoarse: logCoarse, witness: Array(witness))
  }

  /// The value of Eq. 4 at the feasible point that a multiplier gives: μ(λ) conditioned on the
  /// face, balanced where columns do not sum to 1, and its marginal. +∞ when nothing is feasible.
  func feasibleValue(_ λ: [Double], _ logFine: [Double], _ logCoarse: [Double]) -> Double {
    _ = self.logFine.update(fromContentsOf: logFine)
    _ = self.logCoarse.update(fromContentsOf: logCoarse)
    guard let (face, solver) = faceAndSolver() else { return .infinity }
    let instance = instance(on: face)
    place(λ[...], on: face, into: solver.point.witness)
    solver.balance(instance, to: 1e-14)
    return values(FaceSolution(solver.point, instance, room: scratch.fine[3]), instance, face)
      .primal
  }

  /// Loads a sample's logarithms and finds its face; nil when that is empty.
  func prepare<Scalar>(_ sample: Sample<Scalar>) -> (Face, DualNewton)? {
    guard let fine = logFine.baseAddress, let coarse = logCoarse.baseAddress else { return nil }
    Sample.logarithms(of: sample.fine, sample.form, into: fine)
    Sample.logarithms(of: sample.coarse, sample.form, into: coarse)
    LogDomain.normalize(logFine)
    LogDomain.normalize(logCoarse)
    return faceAndSolver()
  }

  /// The face of the loaded logarithms and its solver; nil when the face is empty.
  private func faceAndSolver() -> (Face, DualNewton)? {
    if logFine.allSatisfy({ $0 > -.infinity }), logCoarse.allSatisfy({ $0 > -.infinity }) {
      guard let commonFace, let commonSolver else { return nil }
      return (commonFace, commonSolver)
    }
    let face = Face(
      marginalization, isPossible: { logFine[$0] > -.infinity }, { logCoarse[$0] > -.infinity })
    return face.map { ($0, DualNewton($0.stencil, settings)) }
  }

  /// The dual on a face, its data gathered in the second scratch buffers.
  func instance(on face: Face) -> DualInstance {
    let stencil = face.stencil
    let fine = UnsafeMutableBufferPointer(rebasing: scratch.fine[1][..<stencil.fineCount])
    let coarse = UnsafeMutableBufferPointer(rebasing: scratch.coarse[1][..<stencil.coarseCount])
    for index in fine.indices { fine[index] = logFine[face.fine(index)] }
    for index in coarse.indices { coarse[index] = logCoarse[face.coarse(index)] }
    return DualInstance(stencil: stencil, weights: weights, logFine: fine, logCoarse: coarse)
  }

  func place(
    _ start: ArraySlice<Double>, on face: Face, into witness: UnsafeMutableBufferPointer<Double>
  ) {
    for index in witness.indices {
      witness[index] = start.isEmpty ? 0 : start[start.startIndex + face.coarse(index)]
    }
  }

  /// The value of Eq. 4 at μ and ν, and g(λ) on the face.
  private func values(
    _ solution: FaceSolution, _ instance: DualInstance, _ face: Face
  ) -> (primal: Double, dual: Double) {
    let τ = exponentials(instance.logFine, scratch.fine[2])
    let ρ = exponentials(instance.logCoarse, scratch.coarse[2])
    // A cell that is forced to zero adds its τ or ρ, like any other the −p + q of its term.
    var fine = face.fineCells == nil ? 0 : 1 - τ.reduce(0, +)
    var coarse = face.coarseCells == nil ? 0 : 1 - ρ.reduce(0, +)
    for index in τ.indices {
      fine += LogDomain.divergenceTerm(
        p: solution.fine(index), q: τ[index],
        x: solution.logFine(index) - instance.logFine[index])
    }
    for index in ρ.indices {
      let logMass = solution.logCoarse(index)
      coarse += LogDomain.divergenceTerm(
        p: .exp(logMass), q: ρ[index], x: logMass - instance.logCoarse[index])
    }
    let dual =
      -weights.fine * solution.fineConstant - weights.coarse * solution.coarseConstant
    return (weights.fine * fine + weights.coarse * coarse, dual)
  }

  private func exponentials(
    _ logarithms: UnsafeMutableBufferPointer<Double>, _ room: UnsafeMutableBufferPointer<Double>
  ) -> UnsafeMutableBufferPointer<Double> {
    let values = UnsafeMutableBufferPointer(rebasing: room[..<logarithms.count])
    _ = values.update(fromContentsOf: logarithms)
    ProjectionKernels.exponentiate(values)
    return values
  }

  /// μ from λ, and ν = Aμ from μ as it is stored: the two are as consistent as their type allows.
  private func expand<Scalar>(
    _ solution: FaceSolution, _ face: Face, into output: SampleOutput<Scalar>
  ) {
    if face.fineCells != nil { output.fine.update(repeating: 0) }
    for index in solution.fineIndices {
      output.fine[face.fine(index)] = Scalar(solution.fine(index))
    }
    for row in output.coarse.indices {
      output.coarse[row] = Scalar(marginalization.marginal(of: output, row))
    }
  }

  /// λ in its gauge, 0 off the face.
  private func report(
    _ point: DualPoint, _ face: Face, into witness: UnsafeMutablePointer<Double>
  ) {
    witness.update(repeating: 0, count: marginalization.coarseCount)
    let mean =
      face.stencil.isColumnStochastic
      ? point.witness.reduce(0, +) / Double(point.witness.count) : 0
    for index in point.witness.indices {
      witness[face.coarse(index)] = point.witness[index] - mean
    }
  }
}

extension Face {
  /// The fine cell at a place on the face.
  func fine(_ index: Int) -> Int { fineCells.map { $0[index] } ?? index }
  /// The coarse cell at a place on the face.
  func coarse(_ index: Int) -> Int { coarseCells.map { $0[index] } ?? index }
}

extension Marginalization {
  /// max |Aμ − ν| of maps as stored.
  func residual<Scalar>(of output: SampleOutput<Scalar>) -> Double {
    var largest = 0.0
    for row in 0..<coarseCount {
      largest = max(largest, abs(marginal(of: output, row) - Double(output.coarse[row])))
    }
    return largest
  }

  /// (Aμ)_i of a map as stored.
  func marginal<Scalar>(of output: SampleOutput<Scalar>, _ row: Int) -> Double {
    var sum = 0.0
    for entry in rows.range(row) {
      sum += rows.values[entry] * Double(output.fine[Int(rows.indices[entry])])
    }
    return sum
  }
}
