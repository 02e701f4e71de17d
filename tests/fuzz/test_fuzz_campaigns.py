"""Hostile bytes never raise, stall or fill memory, and each is accounted for; what did once is tried again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fuzz import __main__ as fuzz
from tests.fuzz import campaign as campaigns
from tests.fuzz.targets import TARGETS, Target

CORPUS = Path(__file__).parent / "corpus"
RUNS = {"gate": 1_500, "codec": 1_500, "mrz": 1_500, "batches": 150}
RUNS |= {"check-message": 12, "compare": 8, "screen": 8, "screen-list": 8}
"""Inputs here; 40 for the rest."""


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_hostile_bytes_are_answered(name: str) -> None:
    line = campaigns.campaign(name, RUNS.get(name, 40), seed=7, shown=False)

    assert line["what"] == []
    assert line["accounted"]


def test_what_broke_something_once_does_so_no_more() -> None:
    found = {f"{file.parent.name}/{file.name}": file for file in sorted(CORPUS.glob("*/*"))}
    troubles = {name: campaigns.replayed(file.parent.name, file.read_bytes()) for name, file in found.items()}

    assert len(found) > 10
    assert {name: trouble for name, trouble in troubles.items() if trouble} == {}


def test_records_signed_rightly_and_wrongly_are_judged_by_signature_and_by_what_they_say() -> None:
    line = campaigns.campaign("gate", 600, seed=8, shown=False)

    assert line["signed"].keys() == {
        "rightly, let through",
        "rightly, an event, refused",
        "rightly, no event, refused",
        "wrongly, an event, refused",
        "wrongly, no event, refused",
    }
    assert min(line["signed"].values()) > 20
    assert {"SIGNATURE_MISSING", "BAD_SIGNATURE", "UNKNOWN_KEY", "KEY_NOT_VALID", "STALE"} < line["reasons"].keys()


def test_histories_go_as_far_as_alerts_and_answers() -> None:
    line = campaigns.campaign("stages", 40, seed=9, shown=False)

    assert {"Alert to alerts", "GatedResponse to cases", "Found to sightings", "Link to cases"} < line["records"].keys()


def broken(data: bytes) -> str | None:
    """A target with a defect of every kind."""
    match data:
        case b"raises":
            raise ZeroDivisionError
        case b"stalls":
            while True:
                pass
        case b"fills":
            return str(len(bytearray(200 << 20)))
        case b"ends":
            os._exit(3)
    return "refused" if data else None


@pytest.fixture
def defects(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(campaigns, "HERE", tmp_path)
    return tmp_path / "found" / "mrz"


def target(monkeypatch: pytest.MonkeyPatch, *inputs: bytes) -> None:
    warm = (b"",) * 5
    monkeypatch.setitem(TARGETS, "mrz", Target(lambda: broken, lambda rng: iter((*warm, *inputs)), 1.0, 0.05))


def test_a_defect_is_named_and_its_input_kept_and_shown_again(monkeypatch: pytest.MonkeyPatch, defects: Path) -> None:
    target(monkeypatch, b"raises", b"x", b"fills", b"stalls", b"raises")
    line = fuzz.apart("mrz", 10, 1)  # in a process of its own, where nothing has filled memory before

    assert [what.split(" at ")[0] for what in line["what"]] == ["Exceeded", "Exceeded", "ZeroDivisionError"]
    assert (line["crashes"], line["taken"], line["refused"], line["accounted"]) == (3, 5, 1, True)
    assert {file.read_bytes() for file in defects.iterdir()} == {b"raises", b"fills", b"stalls"}
    assert campaigns.campaign("mrz", 3, seed=2, shown=False)["accounted"]
    assert campaigns.replayed("mrz", b"raises") == line["what"][-1]


def test_an_input_that_ends_the_process_is_kept(monkeypatch: pytest.MonkeyPatch, defects: Path) -> None:
    target(monkeypatch, b"x", b"ends", b"x")
    line = fuzz.apart("mrz", 8, 1)

    assert (line["crashes"], line["accounted"]) == (1, False)
    assert line["what"][0].startswith("exit code 3")
    assert [file.read_bytes() for file in defects.iterdir()] == [b"ends"]
