extension ConeInstance {
  /// What a file of a cone program has, for `convex solve --help`.
  static let help = """
    A CONE PROGRAM.  minimize ½ xᵀP x + qᵀx  subject to  A x + s = b,  s in K

      q [n], b [m]          in a nonneg cone, +inf in b is no constraint
      A_indptr, A_indices, A_values
                            A by compressed columns: SciPy's csc_matrix, sorted
      P_indptr, P_indices, P_values
                            the upper triangle of P, likewise; no P unless given
      cones                 in the file's metadata, as JSON: the factors of K in
                            the order of the rows, {"type", "dim", "count", "alpha"};
                            count equal cones follow each other, 1 unless given
        zero    s = 0                     nonneg  s >= 0
        soc     s[0] >= ‖s[1:]‖           exp     y exp(x/y) <= z, y > 0
        pow     x^alpha y^(1-alpha) >= |z|, x, y >= 0

    OUT has x [n], s [m], z [m]: the solution, its slack and its multipliers, with
    P x + q + Aᵀz = 0. A program without a solution has its proof instead:
      certificate_z         infeasible: Aᵀz = 0, z in K*, bᵀz = -1
      certificate_x, certificate_s
                            unbounded: P x = 0, A x + s = 0, s in K, qᵀx = -1

    Linear programs go to GLPK's simplex method, others to the interior point.
    Statuses are solved, solved_to_reduced_accuracy, primal_infeasible,
    dual_infeasible, iteration_limit, numerical_trouble.

    Example: minimize x + 2y over x + y = 1, x >= 0, y >= 0 is made in Python by

      import json, numpy as np
      from safetensors.numpy import save_file
      save_file(
          {"q": np.array([1.0, 2]), "b": np.array([1.0, 0, 0]),
           "A_indptr": np.array([0, 2, 4]), "A_indices": np.array([0, 1, 0, 2]),
           "A_values": np.array([1.0, -1, 1, -1])},
          "program.safetensors",
          {"cones": json.dumps([{"type": "zero", "dim": 1},
                                {"type": "nonneg", "dim": 2}])})

    and  convex solve program.safetensors --output solution.safetensors  solves it.
    """
}
