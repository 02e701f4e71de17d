"""Throw hostile bytes at everything that reads bytes from outside: `make fuzz` (ARGS="--seed 7").

Prints a JSON line a target: inputs, how many were taken and refused and for which reasons, crashes, and the slowest.
What raises, takes over a second or too much memory, or ends the process, is kept in `tests/fuzz/found/<target>/` and
shown again by the next run; move it to `tests/fuzz/corpus/<target>/` with the mend. With --coverage inputs are led by
coverage (atheris, which is not among our packages).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import signal
import subprocess
import sys
from multiprocessing.connection import Connection

from tests.fuzz.campaign import HERE, InHand, campaign, keep, seeds
from tests.fuzz.targets import TARGETS


def apart(name: str, runs: int, seed: int) -> dict[str, object]:
    """A campaign in a process of its own: what ends that is one more thing that an input may do."""
    fork = multiprocessing.get_context("fork")
    in_hand = InHand()
    (ours, theirs) = fork.Pipe(duplex=False)
    worker = fork.Process(target=_answer, args=(theirs, name, runs, seed, in_hand))
    worker.start()
    theirs.close()
    try:
        line: dict[str, object] = ours.recv()
    except EOFError:
        worker.join()
        code = worker.exitcode or 0
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        file = keep(name, in_hand.left())
        line = {"target": name, "seed": seed, "crashes": 1, "accounted": False, "what": [f"{how} at {file.name}"]}
    worker.join()
    return line


def _answer(line: Connection, name: str, runs: int, seed: int, in_hand: InHand) -> None:
    line.send(campaign(name, runs, seed, in_hand=in_hand))


def led_by_coverage(name: str, runs: int, seed: int) -> int:
    """The same target under libFuzzer, in a process of its own; returns its exit code."""
    code = (
        "import sys, atheris\n"
        "import streams.matching\n"  # numba compiles it only as it was written
        "from tests.fuzz.limits import Limits\n"
        "with atheris.instrument_imports(include=['producers', 'schemas', 'streams', 'tocsin']):\n"
        "    from tests.fuzz.targets import TARGETS\n"
        f"target = TARGETS[{name!r}]\n"
        "answer = target.make()\n"
        "with Limits(target.seconds) as bounded:\n"
        "    def once(data):\n"
        "        bounded.run(answer, data)\n"
        "    atheris.Setup(sys.argv, once)\n"
        "    atheris.Fuzz()\n"
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
    lawful = "messages to the gate, of which a twelfth is lawful; the others get a share of it"
    parser.add_argument("--runs", type=int, default=110_000, help=lawful)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=sorted(TARGETS), action="append")
    parser.add_argument("--coverage", action="store_true", help="lead the inputs by coverage, with atheris")
    asked = parser.parse_args()
    broken = False
    for name in asked.only or TARGETS:
        runs = max(1, int(asked.runs * TARGETS[name].share))
        if asked.coverage:
            code = led_by_coverage(name, runs, asked.seed)
            print(json.dumps({"target": name, "seed": asked.seed, "inputs": runs, "coverage": True, "exit_code": code}))
            broken |= code != 0
        else:
            line = apart(name, runs, asked.seed)
            print(json.dumps(line), flush=True)
            broken |= bool(line["crashes"]) or not line["accounted"]
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
