"""Run the product under random schedules and compare with an oracle: the stages alone, and whole tasks under faults.

    python -m tests.schedules                         # 2,000 of each: none differs
    python -m tests.schedules --tasks 10000           # of the tasks alone: on Kafka in memory, with faults
    python -m tests.schedules --tasks --seed 17       # one of them again, with everything that differs
    python -m tests.schedules --stages 500 --seed 3   # 500 of the stages alone, the first of them 3
    python -m tests.schedules 500 --releases          # tasks whose workers are replaced by the next release, one by one
    python -m tests.schedules 500 --break nowait      # one rule broken: it must be noticed

Exit 0: all equal; with --break: noticed, by what it is about and not by failing itself. 1 otherwise.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import Pool

from rich.console import Console
from rich.progress import track

from tests.schedules.breaks import BREAKS
from tests.schedules.comparison import complaints
from tests.schedules.symptoms import is_symptom
from tests.schedules.tasks.campaign import Outcome, run_one
from tests.schedules.tasks.faults import KINDS
from tests.schedules.tasks.releases import OneRelease, TwoReleases
from tests.schedules.tasks.task_breaks import TASK_BREAKS
from tests.schedules.world import Build

_DEFAULT = 2000
_LIFE = 20
"""Chunks that one process of a campaign runs."""
_CHUNK = 10


def main() -> int:
    """Run what the command line asks for."""
    asked = _asked()
    histories = asked.histories or (1 if asked.seed is not None else _DEFAULT)
    seeds = range(asked.seed or 0, (asked.seed or 0) + histories)
    noticed = False
    for kind in ("stages", "tasks"):
        if asked.only in (None, kind) and not (kind == "stages" and asked.rule in TASK_BREAKS):
            noticed |= _campaign(kind, seeds, asked.rule, asked.jobs, asked.releases)
    return int(noticed != bool(asked.rule))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.schedules", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("histories", type=int, nargs="?", help=f"how many (default {_DEFAULT}; 1 with --seed)")
    parser.add_argument("--seed", type=int, help="the first seed (default 0)")
    parser.add_argument("--stages", dest="only", action="store_const", const="stages", help="the stages alone")
    parser.add_argument("--tasks", dest="only", action="store_const", const="tasks", help="the tasks alone")
    parser.add_argument("--releases", action="store_true", help="the tasks alone, while a next release takes over")
    parser.add_argument("--break", dest="rule", choices=sorted(BREAKS | TASK_BREAKS), help="a rule to break")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    asked = parser.parse_args()
    if asked.releases:
        asked.only = "tasks"
    return asked


def _campaign(kind: str, seeds: range, rule: str | None, jobs: int, rolling: bool) -> bool:
    """Run every seed and print what came of it; did any differ?"""
    began, wrong, faults, steps = time.perf_counter(), dict[int, list[str]](), Counter[str](), 0
    run = partial(_run_tasks, rule, rolling) if kind == "tasks" else partial(_run_stages, rule)
    outcomes = _outcomes(run, seeds, jobs)
    console = Console(stderr=True)
    for outcome in track(outcomes, kind, len(seeds), console=console, disable=not console.is_terminal):
        faults += outcome.faults
        steps += outcome.steps
        if outcome.said:
            wrong[outcome.seed] = outcome.said
    took = time.perf_counter() - began
    for seed, said in list(wrong.items())[:3]:
        print(f"{kind}, seed {seed}:")
        for line in said if len(seeds) == 1 else said[:5]:
            print(f"  {line[:400]}")
    if kind == "tasks":
        _print_faults(faults, steps)
    rate = len(seeds) * 60 / took
    print(f"{kind}: {len(wrong)} of {len(seeds)} histories differ (first seeds {list(wrong)[:5]}), {rate:.0f} a minute")
    if wrong and not rule:
        again = "releases" if rolling else kind
        print(f'one again: make schedules ARGS="--{again} --seed {next(iter(wrong))}"')
    if rule is None:
        return bool(wrong)
    shows = (BREAKS.get(rule) or TASK_BREAKS[rule]).shows
    found = [seed for seed, said in wrong.items() if is_symptom(said, shows)]
    print(f"{kind}: {len(found)} of them show what {rule} is about (first seeds {found[:5]})")
    return bool(found)


def _print_faults(faults: Counter[str], steps: int) -> None:
    print(f"{sum(faults.values()):>9} faults in {steps:,} steps:")
    for kind, meaning in KINDS.items():
        print(f"{faults[kind]:>9} {kind:<11} {meaning}")


def _run_stages(rule: str | None, seed: int) -> Outcome:
    return Outcome(seed, complaints(seed, BREAKS[rule]() if rule else Build()))


def _run_tasks(rule: str | None, rolling: bool, seed: int) -> Outcome:
    stages = BREAKS[rule]() if rule in BREAKS else None
    return run_one(seed, stages, TASK_BREAKS[rule]() if rule in TASK_BREAKS else None, _RELEASES[rolling]())


_RELEASES = (OneRelease, TwoReleases)


def _outcomes(run: Callable[[int], Outcome], seeds: range, jobs: int) -> Iterator[Outcome]:
    """In the order of the seeds."""
    if len(seeds) < 2 * _CHUNK:
        yield from map(run, seeds)
        return
    # A schedule leaves some memory behind (what a process had begun when it was killed): each of ours runs so many.
    with Pool(jobs, maxtasksperchild=_LIFE) as pool:
        yield from pool.imap(run, seeds, chunksize=_CHUNK)


if __name__ == "__main__":
    sys.exit(main())
