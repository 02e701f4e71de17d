"""docs/chaos.md: what chaos does, and a table of every kept result.

python -m tests.chaos.page
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any

from tests.chaos.plan import SCENARIOS
from tests.chaos.results import HANGING, kept

FEWEST = 10_000
"""Incidents of a run that is shown."""
FIVE_MINUTES = 300.0
"""What a run may take on two cores of its own."""
PAGE = Path(__file__).parents[2] / "docs" / "chaos.md"
_COLUMNS = (
    *("seed", "incidents", "changes of entries", "alerts", "answers", "delivered", "faults"),
    *("lost", "doubled", "wrong", "again"),
    *("ready", "in time", "caught up", "lag", "run", "commit"),
)
_HEAD = """\
# Chaos: the real stack under faults

<!-- Made by `make schemas` from tests/chaos/results.jsonl. -->

`make chaos SEED=7` publishes 50,000 incidents and 5,000 changes of entries (corrected, withdrawn, said twice, some bad)
on a stack of its own: broker, registry, gate, three workers for the joins, cases, consumers. Meanwhile everything is
killed -9, stopped with SIGSTOP for longer than its session, restarted, added and removed, as the seed has it. At the
end everybody's alerts, read with read_committed, must equal those of an oracle: the pure stages, given every event in
the order in which it was published, without a fault (invariant 4). Besides: no revision of an alert came twice, no
message between tasks is missing or came twice (its sender numbers each), what was wrong was rejected and nothing else,
nothing was set aside, nothing is held back by an open transaction, every local store equals its changelog, and the
chain of the audit is whole. Officers answer meanwhile, from the request to the end, alerts that nothing else changes:
everybody must hold every answer once. The alerts of one participant are posted to an endpoint, which must be told the
newest revision of each, in order, none under two ids.

`make chaos SEEDS=20` is a campaign and goes on where it stopped; `make chaos ARGS="--scenario three-brokers"` runs
another plan; `make chaos SEED=1 ARGS="--break position-outside-transaction"` must turn red, and does.

| column | meaning |
|---|---|
| answers | of officers, given while things go wrong |
| delivered | messages that came to the endpoint |
| lost | alerts that should be live and are not; holes in the numbers of messages |
| doubled | revisions of alerts that came twice; numbers that did |
| wrong | whatever else differs |
| again | events that a bureau's client sent twice, for it could not tell whether the broker had taken them |
| ready | the longest that a process took from being given back (started, woken) to being ready, seconds |
| in time | the longest from there until alerts came within 3 s of publication again, seconds |
| caught up | from the end of the last fault until everything was as it must be in the end, seconds |
| lag | from publication to the alert, half and 99 of 100 of them, seconds, faults included |
"""


def text() -> str:
    """The page."""
    scenarios = (line for name in SCENARIOS for line in _scenario(name))
    return _HEAD + _open() + "\n".join([*scenarios, *_hanging(), *_broken()]) + "\n"


def _open() -> str:
    """What no whole run has shown so far."""
    green = {it["scenario"] for it in kept() if it["equal"] and not it["broken"]}
    left = [name for name in SCENARIOS if name not in green]
    return f"\nWithout a green run that was kept, so far: {', '.join(left)}.\n" if left else ""


def _scenario(name: str) -> Iterator[str]:
    results = [it for it in kept() if it["scenario"] == name and not it["broken"] and it["incidents"] >= FEWEST]
    if not results:
        return
    yield f"\n## {name}\n"
    yield cleandoc(SCENARIOS[name].faults.__doc__ or "") + "\n"
    yield "| " + " | ".join(_COLUMNS) + " |"
    yield "|---" * len(_COLUMNS) + "|"
    newest = {(it["seed"], it["incidents"]): it for it in results}
    yield from map(_row, (newest[which] for which in sorted(newest)))
    total = Counter(f"{fault['target']} {fault['what']}" for it in newest.values() for fault in it["faults"])
    if slow := [it["seed"] for it in newest.values() if it["took"] > FIVE_MINUTES]:
        yield (
            f"\n{len(slow)} of {len(newest)} took more than five minutes: the stages are bound by the processor, and"
            " two cores were not theirs alone."
        )
    yield "\nFaults: " + ", ".join(f"{what} {count}" for what, count in sorted(total.items())) + "."
    if red := [it for it in results if not it["equal"] and it is not newest[it["seed"], it["incidents"]]]:
        yield (
            "\nRuns that differed before what they found was mended: "
            + ", ".join(f"seed {it['seed']} at {it['commit']}" for it in red)
            + "."
        )


def _hanging() -> Iterator[str]:
    if shown := [it["commit"] for it in kept() if it["scenario"] == HANGING]:
        yield "\n## A hanging transaction\n"
        yield (
            "Provoked in a broker, seen by the doctor, named and ended by `tocsin transactions --end`; one that is"
            f" merely open is left alone: `python -m tests.chaos.hanging`, last at {shown[-1]}."
        )


def _broken() -> Iterator[str]:
    results = [it for it in kept() if it["broken"]]
    if not results:
        return
    yield "\n## Broken on purpose\n"
    yield "| what | seed | incidents | lost | doubled | wrong | the first difference |"
    yield "|---|---|---|---|---|---|---|"
    for it in results:
        first = it["differences"][0].replace("|", " ") if it["differences"] else "none"
        cells = (it["broken"], it["seed"], f"{it['incidents']:,}", it["lost"], it["doubled"], it["wrong"], first[:160])
        yield "| " + " | ".join(map(str, cells)) + " |"


def _row(it: dict[str, Any]) -> str:
    faults = it["faults"]
    ready = max((fault["ready"] or 0 for fault in faults), default=0)
    in_time = max((fault["in_time"] for fault in faults), default=0)
    caught_up = "never" if it["caught_up"] is None else f"{it['caught_up']:.0f}"
    cells = [
        *(it["seed"], f"{it['incidents']:,}", f"{it['entries']:,}", f"{it['alerts']:,}"),
        *(it.get("answers", ""), it.get("delivered", ""), len(faults)),
        *(it["lost"], it["doubled"], it["wrong"], it.get("sent_again", "")),
        *(f"{ready:.0f}", f"{in_time:.0f}", caught_up),
        *(f"{it['lag'].get('p50')} / {it['lag'].get('p99')}", f"{it['took']:.0f} s", it["commit"]),
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


if __name__ == "__main__":
    PAGE.write_text(text())
