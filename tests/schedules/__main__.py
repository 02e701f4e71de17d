"""Run the stages of the product under random schedules and compare with an oracle.

    python -m tests.schedules 2000                    # 0 of 2000 histories differ
    python -m tests.schedules 1 --seed 17             # one of them again, with everything that differs
    python -m tests.schedules 500 --break nowait      # one rule broken: it must be noticed

Exit 0: all equal; with --break: noticed. 1 otherwise.
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.schedules.breaks import BREAKS
from tests.schedules.comparison import complaints
from tests.schedules.world import Build


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.schedules", description=__doc__.split("\n")[0])
    parser.add_argument("histories", type=int, nargs="?", default=2000, help="how many (default 2000)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--break", dest="rule", choices=sorted(BREAKS), help="a rule to break")
    asked = parser.parse_args()
    build = BREAKS[asked.rule] if asked.rule else Build
    began, wrong = time.perf_counter(), {}
    for seed in range(asked.seed, asked.seed + asked.histories):
        if said := complaints(seed, build()):
            wrong[seed] = said
    took = time.perf_counter() - began
    for seed, said in list(wrong.items())[:3]:
        print(f"seed {seed}:")
        for line in said if asked.histories == 1 else said[:5]:
            print(f"  {line[:400]}")
    rate = asked.histories / took
    print(f"{len(wrong)} of {asked.histories} histories differ (first seeds {list(wrong)[:5]}), {rate:.0f} a second")
    if wrong and not asked.rule:
        print(f"one again: python -m tests.schedules 1 --seed {next(iter(wrong))}")
    return int(bool(wrong) != bool(asked.rule))


if __name__ == "__main__":
    sys.exit(main())
