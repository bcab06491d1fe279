"""Eq. 4 by CVXPY with Clarabel, ECOS and SCS, and by this package, in turn.

A peer's time is that of `problem.solve()` on a problem whose maps are parameters: the
canonicalization is cached, so that this is what solving the next pair of maps costs. "solver alone"
is the time that the solver itself reports. Times go to standard error, with the largest difference
between the answers.
"""

import os
import subprocess
import sys
import tempfile
import time
import warnings

import cvxpy as cp
import numpy as np
import scipy.sparse as sp
from limits import AtMost
from safetensors.numpy import load_file, save_file
from scipy.special import kl_div

# Options, and how far a peer's mu and optimum may be from ours. The error is theirs: ours is checked
# against reference data of 50 digits by the package's tests. A peer that is further off is not timed.
SOLVERS = {
    "Clarabel": (cp.CLARABEL, {}, 1e-4),
    "ECOS": (cp.ECOS, {}, 1e-4),
    "SCS": (cp.SCS, {"eps_abs": 1e-6, "eps_rel": 1e-6}, 1e-3),
}


def pooling(fine, coarse):
    """The partition of a fine x fine grid into coarse x coarse blocks."""
    side = fine // coarse
    cells = np.arange(fine) // side
    labels = (cells[:, None] * coarse + cells[None, :]).ravel()
    return sp.csr_matrix((np.ones(labels.size), (labels, np.arange(labels.size))))


def tents(fine, coarse):
    """3 x 3 tent windows of stride 2, clamped at the border; every column sums to 1."""
    line = sp.lil_matrix((coarse, fine))
    for j in range(fine):
        if j % 2 == 0:
            line[j // 2, j] += 1
        else:
            line[j // 2, j] += 0.5
            line[min(j // 2 + 1, coarse - 1), j] += 0.5
    line = line.tocsr()
    return sp.csr_matrix(sp.kron(line, line))


def instances():
    generator = np.random.default_rng(20220717)
    for name, matrix, spread in [
        ("tent windows 8x8 to 4x4, mild", tents(8, 4), 1),
        ("tent windows 32x32 to 16x16, mild", tents(32, 16), 1),
        ("tent windows 32x32 to 16x16, peaky", tents(32, 16), 4),
        ("pooling 32x32 to 16x16, mild", pooling(32, 16), 1),
    ]:
        n, m = matrix.shape
        yield name, matrix, softmax(spread * generator.normal(size=m)), softmax(
            spread * generator.normal(size=n)
        )


def softmax(potential):
    weight = np.exp(potential - potential.max())
    return weight / weight.sum()


class Ours:
    """A process that solves the instance whenever asked."""

    def __init__(self, program, folder, matrix, tau, rho):
        instance, result = (os.path.join(folder, f"{n}.safetensors") for n in ("in", "out"))
        matrix.sort_indices()
        save_file(
            {
                "tau": tau,
                "rho": rho,
                "A_indptr": matrix.indptr.astype(np.int64),
                "A_indices": matrix.indices.astype(np.int64),
                "A_values": matrix.data.astype(np.float64),
            },
            instance,
        )
        self.process = subprocess.Popen(
            [program, instance, result], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        if self.process.stdout.readline() != "ready\n":
            sys.exit(f"peers: {program} did not solve the instance")
        answer = load_file(result)
        self.mu, self.optimum = answer["mu"], answer["objective"][0]

    def seconds(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Peer:
    """Eq. 4 in CVXPY, with log tau and log rho as parameters.

    KL against a constant is -entr(mu) - mu log tau: `rel_entr` would put tiny constants into the
    cones, which costs accuracy.
    """

    def __init__(self, solver, options, matrix, tau, rho):
        self.solver, self.options, self.data = solver, options, (matrix, tau, rho)
        n, m = matrix.shape
        self.mu, nu = cp.Variable(m), cp.Variable(n)
        log_tau, log_rho = cp.Parameter(m), cp.Parameter(n)
        log_tau.value, log_rho.value = np.log(tau), np.log(rho)
        value = -cp.sum(cp.entr(self.mu)) - log_tau @ self.mu
        value += -cp.sum(cp.entr(nu)) - log_rho @ nu
        # sum(nu) = 1 follows from the other two, and a redundant row would only hurt the solver.
        self.problem = cp.Problem(
            cp.Minimize(value), [nu == matrix @ self.mu, cp.sum(self.mu) == 1]
        )

    def answer(self):
        """mu, and the value of the program there. A mu of -1e-12 counts as 0."""
        matrix, tau, rho = self.data
        mu = np.maximum(self.mu.value, 0)
        return mu, kl_div(mu, tau).sum() + kl_div(matrix @ mu, rho).sum()

    def seconds(self):
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "inaccurate" is judged below, by its error.
            # Each solve is one of a new pair of maps: nothing to start from.
            self.problem.solve(solver=self.solver, warm_start=False, **self.options)
        total = time.perf_counter() - start
        return total, self.problem.solver_stats.solve_time or total


def compare(program, folder, rounds, name, matrix, tau, rho, selected):
    """Rows of one instance: (name, ratio, limit)."""
    ours = Ours(program, folder, matrix, tau, rho)
    asked, agreeing = 0, 0
    for peer_name, (solver, options, tolerance) in SOLVERS.items():
        row = f"{name}, CVXPY + {peer_name}"
        if not selected(row):
            continue
        asked += 1
        peer = Peer(solver, options, matrix, tau, rho)
        try:
            peer.seconds()
        except cp.error.SolverError as error:
            print(f"{row}: no answer from the peer ({error})", file=sys.stderr)
            continue
        mu, optimum = peer.answer()
        difference, gap = np.abs(mu - ours.mu).max(), abs(optimum - ours.optimum)
        print(f"{row}: mu differs by {difference:.1e}, optimum by {gap:.1e}", file=sys.stderr)
        if not (difference <= tolerance and gap <= tolerance):
            print(f"{row}: not timed, it misses by more than {tolerance}", file=sys.stderr)
            continue
        agreeing += 1
        own, total, alone = [], [], []
        for _ in range(rounds):
            own.append(ours.seconds())
            seconds = peer.seconds()
            total.append(seconds[0])
            alone.append(seconds[1])
        print(
            f"{row}: ours {min(own) * 1e6:.1f} us, theirs {min(total) * 1e6:.0f} us, "
            f"solver alone {min(alone) * 1e6:.0f} us",
            file=sys.stderr,
        )
        yield row, min(own) / min(total), AtMost(0.05)
        yield f"{row}, solver alone", min(own) / min(alone), AtMost(0.1)
    ours.close()
    if asked and not agreeing:
        sys.exit(f"peers: {name}: no peer agrees with our answer")


def rows(program, rounds, selected):
    """Rows of every instance: (name, ratio, limit)."""
    with tempfile.TemporaryDirectory() as folder:
        for name, matrix, tau, rho in instances():
            if not any(selected(f"{name}, CVXPY + {peer}") for peer in SOLVERS):
                continue
            yield from compare(program, folder, rounds, name, matrix, tau, rho, selected)
