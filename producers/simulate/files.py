"""A simulation as files that `tocsin publish` reads, with the truth beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel

from producers.simulate.plan import Traffic
from schemas.events import WatchlistEntry

TRUTH = "truth.jsonl"


def write_traffic(traffic: Traffic, listed: Iterable[WatchlistEntry], folder: Path) -> list[Path]:
    """watchlist.<owner>.jsonl, incidents.<cc>.jsonl and truth.jsonl in `folder`; returns what was written."""
    groups: dict[str, list[BaseModel]] = defaultdict(list)
    for entry in (*listed, *traffic.entries):
        groups[f"watchlist.{entry.producer}.jsonl"].append(entry)
    for incident in traffic.incidents:
        groups[f"incidents.{incident.producer}.jsonl"].append(incident)
    folder.mkdir(parents=True, exist_ok=True)
    for name, models in groups.items():
        _write(models, folder / name)
    write_truth(traffic, folder / TRUTH)
    return [folder / name for name in (*sorted(groups), TRUTH)]


def write_truth(traffic: Traffic, file: Path) -> None:
    """One Truth a line."""
    _write(traffic.truth, file)


def _write(models: Iterable[BaseModel], file: Path) -> None:
    with file.open("w", encoding="utf-8", newline="\n") as lines:
        lines.writelines(model.model_dump_json(exclude_defaults=True) + "\n" for model in models)
