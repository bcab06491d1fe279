"""Every cone program of the reference data, by Clarabel and by this package.

A time is that of a solve of data in memory, with the solver's set-up: on their side
`clarabel.DefaultSolver(P, q, A, b, cones, settings).solve()`. Our answer is first compared with the
reference.
"""

import os
import sys

import clarabel
import numpy as np
import scipy.sparse as sp
from limits import AtMost
from safetensors.numpy import load_file
from timing import Stopwatch, cases, geometric_mean, is_near, say, take_turns

STATUSES = {
    "optimal": "solved",
    "primal_infeasible": "primalInfeasible",
    "dual_infeasible": "dualInfeasible",
}
CONES = {
    "zero": lambda block: clarabel.ZeroConeT(block["dim"]),
    "nonneg": lambda block: clarabel.NonnegativeConeT(block["dim"]),
    "soc": lambda block: clarabel.SecondOrderConeT(block["dim"]),
    "exp": lambda block: clarabel.ExponentialConeT(),
    "pow": lambda block: clarabel.PowerConeT(block["alpha"]),
}


def problem(case, fixtures):
    """P, q, A, b and the cones for Clarabel."""
    data = load_file(os.path.join(fixtures, case["file"]))

    def matrix(name, shape):
        parts = (data[f"{name}_values"], data[f"{name}_indices"], data[f"{name}_indptr"])
        return sp.csc_matrix(parts, shape=shape)

    n, m = case["n"], case["m"]
    cones = [CONES[block["type"]](block) for block in case["cones"] for _ in range(block["count"])]
    return matrix("P", (n, n)), data["q"], matrix("A", (m, n)), data["b"], cones


def is_right(case, answer):
    """Whether our answer, a status and an optimum, is the reference's."""
    status, optimum = answer.split()
    if status not in [STATUSES[name] for name in case.get("accept") or [case["status"]]]:
        return False
    if status != "solved":
        return True
    return is_near(float(optimum), case["optimum"], max(1e-7, case["rtol"]))


def rows(programs, fixtures, rounds, selected):
    """(name, ratio, limit) of every program, and of all together."""
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    ratios, mean = [], "cone programs, geometric mean"
    for case in cases(fixtures, "programs"):
        row = f"cone {case['name']}, Clarabel"
        if not selected(row) and not selected(mean):
            continue
        request = f"cone {case['name']}"
        answer = programs.ask(request)
        if not is_right(case, answer):
            print(f"{row}: our answer is wrong: {answer}", file=sys.stderr)
            yield row, np.inf, AtMost(2)
            continue
        data = problem(case, fixtures)

        def solve():
            return clarabel.DefaultSolver(*data, settings).solve()

        watch = Stopwatch(solve)
        own, other = take_turns(lambda: programs.seconds(request), watch.seconds, rounds)
        say(row, own, other, f", they say {solve().status}")
        ratios.append(own / other)
        yield row, own / other, AtMost(2)
    if ratios:
        yield mean, geometric_mean(ratios), AtMost(1)
