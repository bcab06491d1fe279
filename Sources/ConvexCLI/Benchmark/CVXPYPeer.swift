import ArrayFiles
import Foundation
import KLProjection

/// Eq. 4 by CVXPY with Clarabel, where a Python has them.
///
/// The problem is compiled once with the maps as parameters, so the time is what solving the next
/// pair costs. KL against a constant is written −entr(μ) − ⟨μ, log τ⟩, which keeps tiny constants out
/// of the cones.
struct CVXPYPeer {
  /// What CVXPY found for the first samples.
  struct Answer {
    let version: String
    let fine, coarse: [Double]
    let values: [Double]
    let residual: Double
    let secondsPerSample: Double
    let count: Int
  }

  /// The interpreter, a path or a name to be found.
  let python: String

  private struct Summary: Decodable {
    let version: String
    let seconds: [Double]
    let values: [Double]
    let residuals: [Double]
  }

  /// Whether this Python has what is needed.
  var isAvailable: Bool { run(["-c", "import cvxpy, clarabel, numpy, scipy"]) != nil }

  /// Solves the first samples; nil if CVXPY failed.
  func solve(_ maps: BenchmarkMaps, samples: Int) throws -> Answer? {
    let count = min(samples, maps.count)
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("convex-benchmark-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ values: [Double], _ name: String) throws {
      try NPY.write(
        StoredArray(values, shape: [values.count]), to: folder.appendingPathComponent(name))
    }
    let (m, n) = (maps.marginalization.fineCount, maps.marginalization.coarseCount)
    let rows = maps.marginalization.rows
    try write(logarithms(maps.fine.prefix(count * m), maps.form), "fine.npy")
    try write(logarithms(maps.coarse.prefix(count * n), maps.form), "coarse.npy")
    try write(rows.starts.map { Double($0) }, "starts.npy")
    try write(rows.indices.map { Double($0) }, "indices.npy")
    try write(rows.values, "values.npy")
    try write([maps.projection.weights.fine, maps.projection.weights.coarse], "weights.npy")
    guard let output = run(["-c", Self.script, folder.path, "\(count)"]) else { return nil }
    let summary = try JSONDecoder().decode(Summary.self, from: output)
    return Answer(
      version: summary.version,
      fine: try NPY.read(folder.appendingPathComponent("mu.npy")).doubles(),
      coarse: try NPY.read(folder.appendingPathComponent("nu.npy")).doubles(),
      values: summary.values, residual: summary.residuals.reduce(0, +) / Double(count),
      secondsPerSample: summary.seconds.min() ?? .nan, count: count)
  }

  private func logarithms(_ values: ArraySlice<Float>, _ form: AttentionForm) -> [Double] {
    values.map { form == .potentials ? Double($0) : log(Double($0)) }
  }

  /// What a run of Python wrote to standard output; nil if it failed or there is none.
  private func run(_ arguments: [String]) -> Data? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? data : nil
  }

  private static let script = """
    import json, sys, time, warnings
    import cvxpy as cp, numpy as np, scipy.sparse as sp
    folder, count = sys.argv[1], int(sys.argv[2])
    load = lambda name: np.load(f"{folder}/{name}.npy")
    starts, indices = load("starts").astype(int), load("indices").astype(int)
    fine, coarse = (load(name).reshape(count, -1) for name in ("fine", "coarse"))
    A = sp.csr_matrix((load("values"), indices, starts), shape=(coarse.shape[1], fine.shape[1]))
    w = load("weights")
    normalized = lambda x: x - x.max() - np.log(np.exp(x - x.max()).sum())
    mu, nu = cp.Variable(A.shape[1]), cp.Variable(A.shape[0])
    tau, rho = cp.Parameter(A.shape[1]), cp.Parameter(A.shape[0])
    kl = lambda p, log: -cp.sum(cp.entr(p)) - log @ p
    problem = cp.Problem(
        cp.Minimize(w[0] * kl(mu, tau) + w[1] * kl(nu, rho)), [nu == A @ mu, cp.sum(mu) == 1])
    warnings.simplefilter("ignore")
    seconds, values, residuals, mus, nus = [], [], [], [], []
    for index in [0] + list(range(count)):
        tau.value, rho.value = normalized(fine[index]), normalized(coarse[index])
        start = time.perf_counter()
        problem.solve(solver=cp.CLARABEL, warm_start=False)
        seconds.append(time.perf_counter() - start)
        x = np.maximum(mu.value, 0)
        y = A @ x
        value = lambda p, log: (p[p > 0] * (np.log(p[p > 0]) - log[p > 0])).sum()
        values.append(w[0] * value(x, tau.value) + w[1] * value(y, rho.value))
        residuals.append(abs(A @ mu.value - nu.value).max())
        mus.append(mu.value)
        nus.append(nu.value)
    np.save(f"{folder}/mu.npy", np.concatenate(mus[1:]))
    np.save(f"{folder}/nu.npy", np.concatenate(nus[1:]))
    print(json.dumps({"version": cp.__version__, "seconds": seconds[1:], "values": values[1:],
                      "residuals": residuals[1:]}))
    """
}
