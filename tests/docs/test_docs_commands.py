"""Every command that a page shows exists as it is shown: subcommands, options, make targets, settings."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from consumers.forwarder.settings import ForwarderSettings
from tocsin.cli import build
from tocsin.runtime.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted(page for place in ("*.md", "docs/**/*.md", "examples/**/*.md") for page in ROOT.glob(place))
SPAN = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
CRON = re.compile(r"^([\d*/,-]+ ){5}")
"""When a line of a crontab runs."""


class Shown(NamedTuple):
    page: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}: {self.text}"


def shown(start: str) -> Iterator[Shown]:
    """What stands in code and begins with the program `start`; `...` and what a shell would do with the output cut."""
    for page in PAGES:
        for span in SPAN.finditer(page.read_text(encoding="utf-8")):
            for line in (span.group(1) or span.group(2)).replace("\\\n", " ").splitlines():
                text = re.split(r"\s#\s|\s[|>]\s|\s&&\s|\s\.\.\.", line.strip())[0].removeprefix("$ ").strip()
                text = CRON.sub("", text)
                text = text.removeprefix(".venv/bin/")
                if text.split(" ")[0] == start:
                    yield Shown(str(page.relative_to(ROOT)), text)


TOCSIN = sorted(set(shown("tocsin")))
MAKE = sorted(set(shown("make")))


def test_pages_show_commands():
    assert len(TOCSIN) > 25
    assert len(MAKE) > 8


@pytest.mark.parametrize("command", TOCSIN, ids=str)
def test_a_command_is_taken_as_it_is_shown(command: Shown):
    words = shlex.split(command.text)[1:]
    at = typer.main.get_command(build())
    parent = None
    while isinstance(at, TyperGroup) and words and not words[0].startswith("-"):
        parent = typer.Context(at, parent=parent, info_name=at.name)
        name = words.pop(0)
        following = at.get_command(parent, name)
        assert following is not None, f"{command}: there is no command {name}"
        at = following
    if not words:  # named, not called
        return
    for parameter in at.params:  # a page may leave out what it just explained
        parameter.required = False
    try:
        at.make_context(at.name, words, parent=parent, resilient_parsing=False)
    except typer.Exit:
        pass
    except TyperException as refused:
        pytest.fail(f"{command}: {refused.format_message()}")


NEEDS_NO_STACK = re.compile(r"tocsin (screen|compare) [^.]|tocsin (\S+ )*--help")
OFFLINE = sorted({one.text for one in TOCSIN if NEEDS_NO_STACK.match(one.text)})


def test_pages_show_commands_that_need_no_stack():
    assert {text.split()[1] for text in OFFLINE} >= {"screen", "compare", "publish"}


@pytest.mark.parametrize("text", OFFLINE)
def test_a_command_that_needs_no_stack_runs_as_it_is_shown(text: str, tmp_path: Path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    program = Path(sys.executable).with_name("tocsin")
    done = subprocess.run(
        [program, *shlex.split(text)[1:]],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", MAKE, ids=str)
def test_a_make_target_exists(command: Shown):
    words = shlex.split(command.text)[1:]
    if not words:
        return
    done = subprocess.run(["make", "-n", "-C", ROOT, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{command}: {done.stderr}"


def test_settings_that_pages_name_exist():
    known = {name.upper() for name in setting_names()}
    named = {
        (page.name, name)
        for page in PAGES
        for name in re.findall(r"\bTOCSIN_[A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8"))
    }
    groups = {"TOCSIN_FORWARDER"}
    assert [one for one in sorted(named) if one[1] not in known | groups] == []


def setting_names() -> Iterator[str]:
    for model in (Settings, ForwarderSettings):
        prefix = str(model.model_config.get("env_prefix", ""))
        yield from (prefix + name for name in model.model_fields)
