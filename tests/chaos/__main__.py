"""Chaos on the real stack: kill, stop, restart, add and remove everything under load, and compare with the oracle.

    python -m tests.chaos --seed 7                            # one run, of 50,000 incidents
    python -m tests.chaos --seeds 20                          # a campaign; goes on where it stopped
    python -m tests.chaos --scenario three-brokers            # another plan of faults than one drawn from the seed
    python -m tests.chaos --seed 7 --incidents 2000 --seconds 40
    python -m tests.chaos --seed 7 --break position-outside-transaction    # must be noticed

Each run is one JSON line in tests/chaos/results.jsonl, of which `make schemas` makes docs/chaos.md.
Exit 0: all equal; with --break: something was lost or doubled. 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tests.chaos.broken import BREAKS
from tests.chaos.plan import SCENARIOS
from tests.chaos.report import Report, Wanted
from tests.chaos.results import KEPT, kept
from tests.chaos.running import run


def main() -> int:
    """Run what the command line asks for."""
    asked = _asked()
    first = asked.seed if asked.seed is not None else 1
    incidents = asked.incidents or SCENARIOS[asked.scenario].incidents
    done = {(it["scenario"], it["seed"]) for it in kept() if _counts(it, incidents)}
    red = 0
    for seed in range(first, first + asked.seeds):
        if asked.seed is None and not asked.broken and (asked.scenario, seed) in done:
            print(f"seed {seed}: done before")
            continue
        report = run(Wanted(seed, asked.scenario, incidents, asked.seconds, asked.broken, asked.keep), _say)
        # A break must show as itself: one whose worker does not even start would be red, too.
        red += bool(report.lost or report.doubled) if asked.broken else not report.equal
        print(_line(report))
        for difference in report.differences:
            print(f"  {difference[:400]}")
        with KEPT.open("a") as results:
            results.write(json.dumps(asdict(report) | {"equal": report.equal}) + "\n")
    return int(bool(red) != bool(asked.broken))


def _counts(it: Mapping[str, Any], incidents: int) -> bool:
    """Need this not be run again? Not if it is of less, of what was never committed, or of before officers answered."""
    whole = it["equal"] and not it["broken"] and it["incidents"] >= incidents
    return bool(whole and it.get("answers") and not it["commit"].endswith("+"))


def _say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def _line(report: Report) -> str:
    verdict = "equal" if report.equal else "DIFFERS"
    caught_up = "never" if report.caught_up is None else f"{report.caught_up:.0f} s after the last fault"
    return (
        f"{report.scenario} seed {report.seed}: {verdict}; {report.incidents} incidents, {report.entries} changes of"
        f" entries, {report.alerts} alerts; {len(report.faults)} faults; lost {report.lost}, doubled {report.doubled},"
        f" otherwise wrong {report.wrong}; as it should be {caught_up}; lag {dict(report.lag)}; {report.took:.0f} s"
    )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, help="the first seed (default 1; given, it is run even if done before)")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds")
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default="drawn", help="what goes wrong")
    parser.add_argument("--incidents", type=int, help="how many incidents (default 50,000)")
    parser.add_argument("--seconds", type=float, help="how long they are published for")
    parser.add_argument("--break", dest="broken", choices=sorted(BREAKS), help="what to break on purpose")
    parser.add_argument("--keep", action="store_true", help="keep the stack's folder, its logs in it, in any case")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
