"""`tocsin publish watchlist --list` on a real broker: the second time nothing, then exactly what differs."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from deploy.stack.local import Stack
from producers.list_steps import IncompleteList, TooManyWithdrawn
from producers.published_entries import published_entries
from producers.repairs.own_topics import OwnRecords
from schemas.codes import EntryStatus, RejectReason
from tests.broker.pipeline import Pipeline, fresh
from tocsin.cli import publish
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker

OWNER = "th"
COUNT = 1_000


def rows(count: int, **changed: str) -> list[str]:
    return [f"TH-{number},{changed.get(f'n{number}', f'Somchai Sample{number}')},1980" for number in range(count)]


def written(tmp_path: Path, lines: list[str]) -> Path:
    file = tmp_path / "list.csv"
    file.write_text("entry_id,full_name,date_of_birth\n" + "\n".join(lines) + "\n")
    return file


def run(stack: Stack, file: Path, *options: str) -> dict[str, Any]:
    app = typer.Typer()
    publish.register(app)
    arguments = ["publish", "watchlist", "--as", OWNER, "--list", "step", str(file), "--state", str(stack.state)]
    result = CliRunner().invoke(app, [*arguments, "--json", *options])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def counts(found: dict[str, Any]) -> tuple[int, ...]:
    return tuple(found[name] for name in ("added", "changed", "withdrawn", "unchanged", "published"))


def test_a_list_is_kept_in_step_with_its_file(provisioned: Stack, tmp_path: Path) -> None:
    file = written(tmp_path, rows(COUNT))
    assert counts(run(provisioned, file, "--dry-run")) == (COUNT, 0, 0, 0, 0)
    assert counts(run(provisioned, file)) == (COUNT, 0, 0, 0, COUNT)
    assert counts(run(provisioned, file)) == (0, 0, 0, COUNT, 0)

    changed = {f"n{number}": f"Somchai Changed{number}" for number in range(30)}
    file = written(tmp_path, rows(COUNT - 20, **changed))
    assert counts(run(provisioned, file)) == (0, 30, 20, COUNT - 50, 50)
    assert counts(run(provisioned, file)) == (0, 0, 0, COUNT - 20, 0)

    whole = file.read_text()
    file.write_text(whole[: len(whole) - 15])
    with pytest.raises(IncompleteList):
        run(provisioned, file)
    with pytest.raises(TooManyWithdrawn):
        run(provisioned, written(tmp_path, rows(COUNT // 2, **changed)))

    said = published_entries(OwnRecords(OWNER, connect(OWNER, provisioned.settings), 30))
    of_list = [one.entry for one in said.values() if one.entry.list_name == "step"]
    assert Counter(entry.status for entry in of_list) == {EntryStatus.ACTIVE: COUNT - 20, EntryStatus.WITHDRAWN: 20}
    assert Counter(entry.entry_version for entry in of_list) == {1: COUNT - 50, 2: 50}


def test_what_the_gate_refused_is_said_again_each_time_until_it_is_taken_in(pipeline: Pipeline, tmp_path: Path) -> None:
    stack, before = pipeline.stack, len(pipeline.rejects(OWNER))
    file = tmp_path / "list.csv"

    def publish(born: str) -> tuple[int, int, int]:
        file.write_text(f"entry_id,full_name,date_of_birth\n{weak},Kim,{born}\n{strong},Kim Sample,1980\n")
        found = run(stack, file)
        return found["added"], found["unchanged"], found["again"] + found["changed"]

    weak, strong = fresh("weak"), fresh("strong")
    assert publish("") == (2, 0, 0)
    pipeline.eventually(lambda: pipeline.rejects(OWNER)[before:], lambda it: it.reason is RejectReason.TOO_WEAK)
    assert publish("") == (0, 1, 1)
    pipeline.eventually(lambda: pipeline.rejects(OWNER)[before + 1 :], lambda it: it.reason is RejectReason.TOO_WEAK)
    assert publish("1980") == (0, 1, 1)
    assert publish("1980") == (0, 2, 0)
