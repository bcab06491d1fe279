"""Modelled problems from the first line to the solution, by CVXPY with Clarabel and by this package.

Everything but the data in memory is made anew for every solve: variables, expressions, the canonical
form, the solver. `Sources/TimedPrograms/Models.swift` has the same problems. Integer problems go to
SciPy's HiGHS there and to GLPK here. Both answers are first compared with the reference.
"""

import os
import sys
import warnings

import cvxpy as cp
import numpy as np
from limits import AtMost
from safetensors.numpy import load_file
from timing import Stopwatch, cases, geometric_mean, is_near, say, take_turns


def least_squares(d):
    w = cp.Variable(d["X"].shape[1])
    return cp.Problem(cp.Minimize(cp.sum_squares(d["X"] @ w - d["y"])))


def lasso_diabetes(d):
    w = cp.Variable(d["X"].shape[1])
    loss = 0.5 * cp.sum_squares(d["X"] @ w - d["y"])
    return cp.Problem(cp.Minimize(loss + d["lambda"] * cp.norm1(w)))


def huber(d):
    w, c = cp.Variable(d["X"].shape[1]), cp.Variable()
    return cp.Problem(cp.Minimize(cp.sum(cp.huber(d["X"] @ w + c - d["y"], d["M"]))))


def quantile_regression(d):
    w, c = cp.Variable(d["X"].shape[1]), cp.Variable()
    residual, tau = d["y"] - d["X"] @ w - c, d["tau"]
    return cp.Problem(cp.Minimize(cp.sum(cp.maximum(tau * residual, (tau - 1) * residual))))


def logistic_l2(d):
    w, c = cp.Variable(d["X"].shape[1]), cp.Variable()
    margins = cp.multiply(d["y"], d["X"] @ w + c)
    loss = cp.sum(cp.logistic(-margins))
    return cp.Problem(cp.Minimize(loss + d["lambda"] / 2 * cp.sum_squares(w)))


def svm_iris(d):
    w, c = cp.Variable(d["X"].shape[1]), cp.Variable()
    margins = cp.multiply(d["y"], d["X"] @ w + c)
    return cp.Problem(
        cp.Minimize(0.5 * cp.sum_squares(w) + d["C"] * cp.sum(cp.pos(1 - margins)))
    )


def portfolio_leverage(d):
    w = cp.Variable(d["mu"].size)
    return cp.Problem(
        cp.Maximize(d["mu"] @ w - d["gamma"] * cp.quad_form(w, d["Sigma"])),
        [cp.sum(w) == 1, cp.norm1(w) <= d["L"]],
    )


def diet(d):
    x = cp.Variable(d["c"].size, nonneg=True)
    return cp.Problem(cp.Minimize(d["c"] @ x), [d["N"] @ x >= d["r"], x <= 6])


def water_filling(d):
    x = cp.Variable(d["alpha"].size, nonneg=True)
    return cp.Problem(cp.Maximize(cp.sum(cp.log(d["alpha"] + x))), [cp.sum(x) == d["P"]])


def consistent_attention_16_8(d):
    nk, nl = int(d["nk"]), int(d["nl"])
    mu, nu = cp.Variable(nk * nk), cp.Variable(nl * nl)
    cells = np.arange(nk) // (nk // nl)
    labels = (cells[:, None] * nl + cells[None, :]).ravel()
    matrix = (labels[None, :] == np.arange(nl * nl)[:, None]).astype(float)
    value = cp.sum(cp.rel_entr(mu, d["tau_k"])) + cp.sum(cp.rel_entr(nu, d["tau_l"]))
    return cp.Problem(cp.Minimize(value), [cp.sum(mu) == 1, cp.sum(nu) == 1, nu == matrix @ mu])


def optimal_transport(d):
    x = cp.Variable(d["C"].shape, nonneg=True)
    marginals = [cp.sum(x, axis=1) == d["a"], cp.sum(x, axis=0) == d["b"]]
    return cp.Problem(cp.Minimize(cp.sum(cp.multiply(d["C"], x))), marginals)


def tv_denoising_1d(d):
    x = cp.Variable(d["y"].size)
    return cp.Problem(cp.Minimize(0.5 * cp.sum_squares(x - d["y"]) + d["lambda"] * cp.tv(x)))


def robust_least_squares(d):
    w = cp.Variable(d["X"].shape[1])
    return cp.Problem(cp.Minimize(cp.norm2(d["X"] @ w - d["y"]) + d["rho"] * cp.norm2(w)))


def fermat_weber(d):
    x = cp.Variable(2)
    distances = [w * cp.norm2(x - p) for w, p in zip(d["weights"], d["P"])]
    return cp.Problem(cp.Minimize(sum(distances)))


def sum_of_inverses(d):
    x = cp.Variable(d["a"].size)
    return cp.Problem(cp.Minimize(d["a"] ** 2 @ cp.inv_pos(x)), [cp.sum(x) == 1])


def knapsack(d):
    x = cp.Variable(d["v"].size, boolean=True)
    return cp.Problem(cp.Maximize(d["v"] @ x), [d["W"] @ x <= d["cap"]])


MODELS = [
    least_squares, lasso_diabetes, huber, quantile_regression, logistic_l2, svm_iris,
    portfolio_leverage, diet, water_filling, consistent_attention_16_8, optimal_transport,
    tv_denoising_1d, robust_least_squares, fermat_weber, sum_of_inverses, knapsack,
]  # fmt: skip


def rows(programs, fixtures, rounds, selected):
    """(name, ratio, limit) of every model, and of all together."""
    known = {case["name"]: case for case in cases(fixtures, "models")}
    ratios, mean = [], "models, geometric mean"
    for build in MODELS:
        case = known[build.__name__]
        row = f"model {case['name']}, CVXPY"
        if not selected(row) and not selected(mean):
            continue
        data = dict(case["scalars"])
        if case.get("file"):
            data |= load_file(os.path.join(fixtures, case["file"]))
        solver = cp.SCIPY if build is knapsack else cp.CLARABEL

        def solve():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return build(data).solve(solver=solver)

        request = f"model {case['name']}"
        status, optimum = programs.ask(request).split()
        if status != "solved" or not is_near(float(optimum), case["optimum"], 1e-6):
            print(f"{row}: our answer is wrong: {status} {optimum}", file=sys.stderr)
            yield row, np.inf, AtMost(0.2)
            continue
        if not is_near(solve(), case["optimum"], 1e-4):
            print(f"{row}: not timed, their answer is wrong", file=sys.stderr)
            continue
        own, other = take_turns(
            lambda: programs.seconds(request), Stopwatch(solve).seconds, rounds
        )
        say(row, own, other)
        ratios.append(own / other)
        yield row, own / other, AtMost(0.2)
    if ratios:
        yield mean, geometric_mean(ratios), AtMost(0.2)
