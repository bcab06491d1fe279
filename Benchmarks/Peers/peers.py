"""The same work by what a user would pick instead, and by this package, taking turns in one run.

usage: peers.py FOLDER_OF_PROGRAMS FIXTURES [--rounds N] [words ...]

Prints one tab-separated line per row: name, ratio, limit, ok or short. Of a time and of a memory the
ratio is ours over the peer's, and the limit what it may be at most; of a speed (the row says so) it
is ours over the peer's too, and the limit what it must be at least. Words select the rows that have
one of them in their names. Times go to standard error. Each side has one thread, networks have two.
"""

import os
import sys

import attention
import cone_programs
import explanations
import layers
import models
import networks
from timing import Programs


def main(arguments):
    folder, fixtures, rounds, words = arguments[0], arguments[1], 7, arguments[2:]
    if words[:1] == ["--rounds"]:
        rounds, words = int(words[1]), words[2:]

    def selected(row):
        return not words or any(word in row for word in words)

    programs = Programs(os.path.join(folder, "timed-programs"), fixtures)
    for rows in [
        attention.rows(os.path.join(folder, "timed-projection"), rounds, selected),
        cone_programs.rows(programs, fixtures, rounds, selected),
        models.rows(programs, fixtures, rounds, selected),
        layers.rows(programs, fixtures, rounds, selected),
        networks.rows(os.path.join(folder, "timed-networks"), rounds, selected),
        explanations.rows(os.path.join(folder, "timed-explanations"), rounds, selected),
    ]:
        for row, ratio, limit in rows:
            verdict = "ok" if limit.holds(ratio) else "short"
            print(f"{row}\t{ratio:.3g}\t{limit:g}\t{verdict}", flush=True)
    programs.close()


if __name__ == "__main__":
    main(sys.argv[1:])
