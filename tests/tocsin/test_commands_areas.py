"""`tocsin COMMAND` imports the module of that command alone; the table of modules and commands says the truth."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from tocsin.cli import AREAS, build


def _commands(asked: str | None) -> dict[str, object]:
    group = typer.main.get_command(build(asked))
    assert isinstance(group, typer.core.TyperGroup)
    return dict(group.commands)


def test_every_command_stands_in_the_table_once() -> None:
    listed = [command for commands in AREAS.values() for command in commands]

    assert sorted(listed) == sorted(_commands(None))
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize("area", AREAS)
def test_a_command_that_is_asked_for_comes_with_those_of_its_module_alone(area: str) -> None:
    for command in AREAS[area]:
        assert tuple(_commands(command)) == AREAS[area]


def test_what_no_command_is_called_gets_every_command_so_that_one_can_be_proposed() -> None:
    assert set(_commands("udo")) == set(_commands(None))


def test_a_command_without_names_imports_no_matcher() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from tocsin.cli import build; build('down'); print('numba' in sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "False"
