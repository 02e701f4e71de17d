"""What hostile bytes are thrown at. A target says why it refuses them (None: it takes them), and raises on a defect."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from producers.importers import Format
from schemas.errors import SchemaError
from tests.fuzz import command_targets, file_targets, files
from tests.fuzz.batch_target import BatchTarget, batches
from tests.fuzz.gate_target import GateTarget
from tests.fuzz.hostile import CODEC, ROOT, event_values, golden_values, mutations
from tests.fuzz.records import records
from tests.fuzz.stages_target import StagesTarget, histories

EXAMPLES = ROOT / "examples"
SAMPLES = ROOT / "tests/producers/samples"
Answer = Callable[[bytes], str | None]


class Target(NamedTuple):
    """How it is made, what is thrown at it, and how much of that for each message to the gate."""

    make: Callable[[], Answer]
    inputs: Callable[[random.Random], Iterator[bytes]]
    share: float = 0.1
    seconds: float = 1.0
    """Of processor time, that one input may take."""


def decode(data: bytes) -> str | None:
    """The codec: a message, or a SchemaError."""
    try:
        CODEC.encode(CODEC.decode(data))
    except SchemaError as error:
        return type(error).__name__
    return None


def _values(rng: random.Random) -> Iterator[bytes]:
    good = [*golden_values(), *(value for _, (_, _, value) in zip(range(60), event_values(rng), strict=False))]
    return mutations(rng, good)


_ZONES = files.inputs([EXAMPLES / "zones.mrz"], files.zones)
_FTM = sorted(SAMPLES.glob("ftm*"))
_INTERPOL = sorted(SAMPLES.glob("interpol*"))
TARGETS: dict[str, Target] = {
    "gate": Target(GateTarget, records, 1.0),
    "batches": Target(BatchTarget, batches, 0.2),
    "stages": Target(StagesTarget, histories, 0.05, 20.0),
    "check-message": Target(command_targets.CHECK_MESSAGE, command_targets.messages, 0.02),
    "compare": Target(command_targets.COMPARE, files.inputs([EXAMPLES / "pairs.csv"], files.table), 0.02),
    "screen": Target(command_targets.SCREEN_TRAVELLERS, files.inputs([EXAMPLES / "travellers.csv"], files.table), 0.02),
    "screen-list": Target(
        command_targets.SCREEN_LIST, files.inputs([EXAMPLES / "watchlist.jsonl"], files.json_lines), 0.02
    ),
    "codec": Target(lambda: decode, _values),
    "mrz": Target(lambda: file_targets.zone, _ZONES),
    "mrz-file": Target(file_targets.mrz_file, _ZONES),
    "travellers": Target(file_targets.travellers, files.inputs([EXAMPLES / "travellers.csv"], files.table)),
    "list-csv": Target(file_targets.watchlist(Format.CSV), files.inputs([EXAMPLES / "stolen.csv"], files.table)),
    "list-un": Target(
        file_targets.watchlist(Format.UN_XML), files.inputs(sorted((EXAMPLES / "un").glob("*.xml")), files.un_list)
    ),
    "list-ftm": Target(file_targets.watchlist(Format.FTM), files.inputs(_FTM, files.json_lines)),
    "list-interpol": Target(file_targets.watchlist(Format.INTERPOL), files.inputs(_INTERPOL, files.json_lines)),
    "list-jsonl": Target(
        file_targets.watchlist(Format.JSONL), files.inputs([EXAMPLES / "watchlist.jsonl"], files.json_lines)
    ),
}
"""By name."""
