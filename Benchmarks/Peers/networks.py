"""Training steps and inference of whole networks, by PyTorch and by this package.

`timed-networks` has the same networks. Both sides have the same weights, the same batch, two threads
and a process of their own, and answer the same questions; `network_worker.py` is PyTorch's side. Its
best of two memory formats, eager and compiled, is found first; then that one and ours take turns.
Compiled code is kept in the folder that TORCHINDUCTOR_CACHE_DIR names, for the next run.

A speed is images per second, ours over theirs, from the medians. A memory is the most that the whole
process has held, ours over the least of PyTorch's four.
"""

import os
import statistics
import subprocess
import sys
import tempfile

from limits import AtLeast, AtMost
from network_works import WORKS

VARIANTS = [(f, m) for f in ("channels_last", "nchw") for m in ("eager", "compiled")]
MOST_MEMORY = 0.8
# Steps before the time counts: memory fills, and compiled code is specialized in the second one.
WARM_UP, TRIAL = 2, 3
# Answers agree to rounding; a step of Adam follows the signs of gradients that are near zero.
TOLERANCES = [1e-3, 3e-2]
BFLOAT16_TOLERANCES = [3e-2, 3e-1]


class Process:
    """One side of a comparison."""

    def __init__(self, *command):
        environment = os.environ | {"OMP_NUM_THREADS": "2"}
        self.process = subprocess.Popen(
            [str(word) for word in command], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"peers: {self.process.args} ended at '{request}'")
        return [float(word) for word in answer.split()]

    def seconds(self):
        return self.ask("seconds")[0]

    def trial(self):
        return statistics.median(self.seconds() for _ in range(TRIAL))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def worst_difference(work, ours, theirs):
    """The largest difference of the answers over what is allowed."""
    tolerances = BFLOAT16_TOLERANCES if work.is_bfloat16 else TOLERANCES
    if work.trains:
        pairs = zip(ours, theirs, tolerances)
        return max(abs(a - b) / (tolerance * abs(b)) for a, b, tolerance in pairs)
    size = max(abs(value) for value in theirs)
    return max(abs(a - b) for a, b in zip(ours, theirs)) / (tolerances[0] * size)


def best_of_pytorch(work, path):
    """The fastest variant, still running, its answer and its name, and the least memory of all."""
    best, memory = None, []
    for memory_format, mode in VARIANTS:
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "network_worker.py")
        process = Process(sys.executable, script, work.name, path, memory_format, mode)
        answer = process.ask("answer")
        for _ in range(WARM_UP):
            process.seconds()
        seconds = process.trial()
        memory += process.ask("memory")
        name = f"{memory_format} {mode}"
        print(f"{work.title}: PyTorch {name} {seconds * 1e3:.0f} ms, "
              f"{memory[-1] / 1e6:.0f} MB", file=sys.stderr, flush=True)  # fmt: skip
        if best is None or seconds < best[0]:
            if best:
                best[1].close()
            best = (seconds, process, answer, name)
        else:
            process.close()
    return *best[1:], min(memory)


def rows(program, rounds, selected):
    """(name, ratio, limit) of every work."""
    for work in WORKS:
        speed, memory = f"{work.title}, speed", f"{work.title}, memory"
        wanted = [speed] + [memory] * work.compares_memory
        if not any(selected(row) for row in wanted):
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "weights.safetensors")
            here = os.path.dirname(os.path.abspath(__file__))
            worker = os.path.join(here, "network_worker.py")
            subprocess.run([sys.executable, worker, "export", work.name, path], check=True)
            theirs, expected, name, least = best_of_pytorch(work, path)
            ours = Process(program, work.name, path)
            worst = worst_difference(work, ours.ask("answer"), expected)
            if not worst <= 1:
                print(f"{work.title}: not timed, answers differ by {worst:.1e} of what is allowed",
                      file=sys.stderr)  # fmt: skip
                theirs.close()
                ours.close()
                yield speed, 0, AtLeast(work.least_speed)
                continue
            for _ in range(WARM_UP):
                ours.seconds()
            own, other = [], []
            for _ in range(rounds):
                own.append(ours.seconds())
                other.append(theirs.seconds())
            held = ours.ask("memory")[0]
            theirs.close()
            ours.close()
        own, other = statistics.median(own), statistics.median(other)
        print(f"{work.title}: ours {own * 1e3:.0f} ms, {held / 1e6:.0f} MB; PyTorch {name} "
              f"{other * 1e3:.0f} ms; answers differ by {worst:.1e} of what is allowed",
              file=sys.stderr, flush=True)  # fmt: skip
        if selected(speed):
            yield speed, other / own, AtLeast(work.least_speed)
        if work.compares_memory and selected(memory):
            yield memory, held / least, AtMost(MOST_MEMORY)
