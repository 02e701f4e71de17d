"""Throw hostile bytes at everything that reads bytes from outside: `make fuzz` (ARGS="--seed 7").

Prints a JSON line a target. What breaks one is kept in `tests/fuzz/found/<target>/` and shown again by the next run;
move it to `tests/fuzz/corpus/<target>/` with the mend. With --coverage inputs are led by coverage (atheris).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.progress import track

from tests.fuzz.hostile import events, mutated, seeds
from tests.fuzz.targets import TARGETS, GateTarget

HERE = Path(__file__).parent
_AT_LEAST = 0.1


def campaign(name: str, runs: int, seed: int, shown: bool = True) -> dict[str, object]:
    """So many hostile inputs to a target; what was thrown at it and what came of it."""
    target, rng, good = TARGETS[name](), random.Random(f"{name}-{seed}"), seeds(name)
    made, crashes, began = events(rng), {}, time.monotonic()
    kept = [path.read_bytes() for path in sorted((HERE / "found" / name).glob("*"))]
    for number in track(range(runs), name, disable=not shown or not sys.stderr.isatty()):
        if number < len(kept):
            data = kept[number]
        elif isinstance(target, GateTarget) and rng.random() < 0.5:
            topic, key, value = next(made)
            data = bytes((topic, len(key))) + key + value
        else:
            data = mutated(rng, good)
        if (trouble := _trouble(target, data)) is not None:
            crashes.setdefault(trouble, data)
    for data in crashes.values():
        _keep(name, data)
    line: dict[str, object] = {
        "target": name,
        "seed": seed,
        "runs": runs,
        "crashes": len(crashes),
        "what": sorted(crashes),
    }
    if isinstance(target, GateTarget):
        line |= {"messages": target.messages, "rejected": target.rejected, "passed": target.passed}
    return line | {"seconds": round(time.monotonic() - began, 1)}


def _trouble(target: Callable[[bytes], None], data: bytes) -> str | None:
    """What went wrong and where; None when it was answered."""
    try:
        target(data)
    except Exception as error:  # noqa: BLE001 -- whatever it is: it should not have been raised
        at = error.__traceback__
        while at is not None and at.tb_next is not None:
            at = at.tb_next
        where = f"{Path(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno}" if at is not None else "?"
        return f"{type(error).__name__} at {where}"
    return None


def _keep(name: str, data: bytes) -> None:
    folder = HERE / "found" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def led_by_coverage(name: str, runs: int, seed: int) -> int:
    """The same target under libFuzzer, in a process of its own; returns its exit code."""
    code = (
        "import sys, atheris\n"
        "with atheris.instrument_imports(include=['producers', 'schemas', 'streams']):\n"
        "    from tests.fuzz.targets import TARGETS\n"
        f"target = TARGETS[{name!r}]()\n"
        "atheris.Setup(sys.argv, target)\n"
        "atheris.Fuzz()\n"
    )
    corpus, found = HERE / "found" / "corpus" / name, HERE / "found" / name
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    for data in seeds(name):
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data[:8_000])
    how = [f"-atheris_runs={runs}", f"-seed={seed}", "-max_len=8000", f"-artifact_prefix={found}/", "-verbosity=0"]
    return subprocess.run([sys.executable, "-c", code, *how, str(corpus)], check=False).returncode


def main() -> int:
    """Run the campaigns that the command line asks for; 1 when anything broke."""
    parser = argparse.ArgumentParser(prog="make fuzz", description="Hostile bytes against every reader of bytes.")
    parser.add_argument("--runs", type=int, default=100_000, help="messages to the gate; the others get a tenth")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=sorted(TARGETS), action="append")
    parser.add_argument("--coverage", action="store_true", help="lead the inputs by coverage, with atheris")
    asked = parser.parse_args()
    broken = False
    for name in asked.only or TARGETS:
        runs = asked.runs if name == "gate" else max(1, int(asked.runs * _AT_LEAST))
        if asked.coverage:
            code = led_by_coverage(name, runs, asked.seed)
            print(json.dumps({"target": name, "seed": asked.seed, "runs": runs, "coverage": True, "exit_code": code}))
            broken |= code != 0
        else:
            line = campaign(name, runs, asked.seed)
            print(json.dumps(line), flush=True)
            broken |= bool(line["crashes"])
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
