"""Problems as layers of a network, 64 samples forward and back, by cvxpylayers and by this package.

`Sources/TimedPrograms/Layers.swift` has the same problems. A sample is the reference's with numbers
that are up to two percent larger. Each side has one thread; what is the same for every batch, the
canonical form of the problem, is not in the time. Gradients are first compared with each other.
"""

import os
import sys
import tempfile

import cvxpy as cp
import numpy as np
import torch
from cvxpylayers.torch import CvxpyLayer
from limits import AtMost
from safetensors.numpy import load_file, save_file
from timing import Stopwatch, cases, geometric_mean, say, take_turns

BATCH = 64


def optnet_qp():
    # A product with a symmetric root is what cvxpylayers has for x'Qx with Q a parameter.
    root, p, g, h = cp.Parameter((8, 8)), cp.Parameter(8), cp.Parameter((10, 8)), cp.Parameter(10)
    a, b, x = cp.Parameter((3, 8)), cp.Parameter(3), cp.Variable(8)
    problem = cp.Problem(
        cp.Minimize(0.5 * cp.sum_squares(root @ x) + p @ x), [a @ x == b, g @ x <= h]
    )
    return problem, [root, p, g, h, a, b], [x]


def sparsemax():
    y, x = cp.Parameter(9), cp.Variable(9, nonneg=True)
    return cp.Problem(cp.Minimize(0.5 * cp.sum_squares(x - y)), [cp.sum(x) == 1]), [y], [x]


def softmax():
    c, x = cp.Parameter(8), cp.Variable(8)
    return cp.Problem(cp.Maximize(c @ x + cp.sum(cp.entr(x))), [cp.sum(x) == 1]), [c], [x]


def consistent_8_4():
    # The rules of cvxpylayers allow rel_entr of a parameter only through its logarithm.
    log_k, log_l = cp.Parameter(64), cp.Parameter(16)
    mu, nu = cp.Variable(64), cp.Variable(16)
    cells = np.arange(8) // 2
    labels = (cells[:, None] * 4 + cells[None, :]).ravel()
    matrix = (labels[None, :] == np.arange(16)[:, None]).astype(float)
    value = -cp.sum(cp.entr(mu)) - log_k @ mu - cp.sum(cp.entr(nu)) - log_l @ nu
    problem = cp.Problem(cp.Minimize(value), [cp.sum(mu) == 1, nu == matrix @ mu])
    return problem, [log_k, log_l], [mu, nu]


def lasso():
    x, y, lam = cp.Parameter((14, 6)), cp.Parameter(14), cp.Parameter(nonneg=True)
    w = cp.Variable(6)
    value = 0.5 * cp.sum_squares(x @ w - y) + lam * cp.norm1(w)
    return cp.Problem(cp.Minimize(value)), [x, y, lam], [w]


def ball():
    c, center, r = cp.Parameter(6), cp.Parameter(6), cp.Parameter()
    a, b, x = cp.Parameter((2, 6)), cp.Parameter(2), cp.Variable(6)
    problem = cp.Problem(cp.Minimize(c @ x), [a @ x == b, cp.norm2(x - center) <= r])
    return problem, [c, center, r, a, b], [x]


def robust_lp():
    c, a, b = cp.Parameter(4), cp.Parameter((9, 4)), cp.Parameter(9)
    rho, x = cp.Parameter(nonneg=True), cp.Variable(4)
    problem = cp.Problem(
        cp.Minimize(c @ x), [a @ x + rho * cp.norm2(x) <= b, cp.norm2(x) <= 6]
    )
    return problem, [c, a, b, rho], [x]


def sudoku_4x4():
    p, a, b = cp.Parameter(64), cp.Parameter((22, 64)), cp.Parameter(22)
    x = cp.Variable(64, nonneg=True)
    value = 0.05 * cp.sum_squares(x) - p @ x
    return cp.Problem(cp.Minimize(value), [a @ x == b]), [p, a, b], [x]


def entropic_transport():
    c, a, b, x = cp.Parameter((4, 5)), cp.Parameter(4), cp.Parameter(4), cp.Variable((4, 5))
    value = cp.sum(cp.multiply(c, x)) - 0.15 * cp.sum(cp.entr(x))
    marginals = [cp.sum(x, axis=1) == a, cp.sum(x, axis=0)[:4] == b]
    return cp.Problem(cp.Minimize(value), marginals), [c, a, b], [x]


def log_sum_exp():
    a, b, x = cp.Parameter((7, 3)), cp.Parameter(7), cp.Variable(3)
    value = cp.log_sum_exp(a @ x + b) + 0.5 * cp.sum_squares(x)
    return cp.Problem(cp.Minimize(value)), [a, b], [x]


def identity(*values):
    return values


def square_root(q, *others):
    """Q by a symmetric root, through which its gradient flows."""
    values, vectors = torch.linalg.eigh(q)
    return vectors @ (values.sqrt()[..., None] * vectors.mT), *others


def logarithms(*values):
    return tuple(value.log() for value in values)


# The problem, and what becomes of the parameters of the reference on the way into cvxpylayers.
LAYERS = [
    (optnet_qp, square_root), (sparsemax, identity), (softmax, identity),
    (consistent_8_4, logarithms), (lasso, identity), (ball, identity), (robust_lp, identity),
    (sudoku_4x4, identity), (entropic_transport, identity), (log_sum_exp, identity),
]  # fmt: skip


def batch(case, fixtures):
    """64 samples of the parameters, and of the cotangents."""
    generator = np.random.default_rng(20220717)
    data = load_file(os.path.join(fixtures, case["file"]))
    parameters = []
    for name, about in case["parameters"].items():
        value = data[f"param_{name}"].reshape(() if about["shape"] == [1] else about["shape"])
        # A right side of equations has to stay in the range of its matrix: it scales as a whole.
        shape = (BATCH,) + (1,) * value.ndim
        parameters.append(value * (1 + 0.02 * generator.uniform(size=shape)))
    cotangents = [
        data[f"cotangent_{name}"] * np.ones((BATCH,) + (1,) * data[f"cotangent_{name}"].ndim)
        for name in case["outputs"]
    ]
    return parameters, cotangents


def rows(programs, fixtures, rounds, selected):
    """(name, ratio, limit) of every layer, and of all together."""
    torch.set_num_threads(1)
    known = {case["name"]: case for case in cases(fixtures, "derivatives")}
    ratios, mean = [], "layers, geometric mean"
    for build, convert in LAYERS:
        case = known[build.__name__]
        row = f"layer {case['name']}, cvxpylayers"
        if not selected(row) and not selected(mean):
            continue
        parameters, cotangents = batch(case, fixtures)
        problem, inputs, outputs = build()
        layer = CvxpyLayer(problem, parameters=inputs, variables=outputs)
        leaves = [torch.tensor(value, requires_grad=True) for value in parameters]
        seeds = [torch.tensor(value) for value in cotangents]

        def forward_and_back():
            for leaf in leaves:
                leaf.grad = None
            found = layer(*convert(*leaves))
            torch.autograd.backward(list(found), seeds)

        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "batch.safetensors")
            arrays = {f"parameter_{k}": value for k, value in enumerate(parameters)}
            arrays |= {f"cotangent_{k}": value for k, value in enumerate(cotangents)}
            save_file({name: np.ascontiguousarray(v) for name, v in arrays.items()}, path)
            request = f"layer {case['name']} {path}"
            ours = load_file(programs.ask(request))
            forward_and_back()
            worst = 0
            for k, leaf in enumerate(leaves):
                theirs = leaf.grad.numpy().ravel()
                difference = np.abs(ours[f"gradient_{k}"] - theirs).max()
                worst = max(worst, difference / max(1, np.abs(theirs).max()))
            # The error is mostly theirs: the package's tests compare ours with the reference.
            if worst > 1e-2:
                print(f"{row}: not timed, gradients differ by {worst:.1e}", file=sys.stderr)
                continue
            own, other = take_turns(
                lambda: programs.seconds(request), Stopwatch(forward_and_back).seconds, rounds
            )
        say(row, own, other, f", gradients differ by {worst:.1e}")
        ratios.append(own / other)
        yield row, own / other, AtMost(0.1)
    if ratios:
        yield mean, geometric_mean(ratios), AtMost(0.1)
