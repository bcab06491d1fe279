"""What the comparisons share: our process, a stopwatch, and rounds in which both take turns."""

import json
import math
import os
import subprocess
import sys
import time

LEAST_SECONDS = 0.02


class Programs:
    """`timed-programs`: the first request answers, each later one is a time in seconds.

    The process starts with the first request.
    """

    def __init__(self, program, fixtures):
        self.command, self.process = [program, fixtures], None

    def ask(self, request):
        if self.process is None:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"peers: timed-programs ended at '{request}'")
        return answer.strip()

    def seconds(self, request):
        return float(self.ask(request))

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()


class Stopwatch:
    """Seconds per call, of as many calls as take LEAST_SECONDS: as ours does it."""

    def __init__(self, body):
        self.body, self.repeats = body, 1
        body()
        self.repeats = max(1, math.ceil(LEAST_SECONDS / max(self.seconds(), 1e-9)))

    def seconds(self):
        start = time.perf_counter()
        for _ in range(self.repeats):
            self.body()
        return (time.perf_counter() - start) / self.repeats


def take_turns(ours, theirs, rounds):
    """The best times of both."""
    own, other = [], []
    for _ in range(rounds):
        own.append(ours())
        other.append(theirs())
    return min(own), min(other)


def say(row, own, other, remark=""):
    print(f"{row}: ours {own * 1e6:.0f} us, theirs {other * 1e6:.0f} us{remark}", file=sys.stderr)


def is_near(value, expected, tolerance):
    return abs(value - expected) <= tolerance * max(1, abs(expected))


def geometric_mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def cases(fixtures, kind):
    with open(os.path.join(fixtures, "cases.json")) as file:
        return json.load(file)[kind]
