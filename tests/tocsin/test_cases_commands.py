"""The officers' commands say in one line what is wrong before they ask the broker for anything."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from streams.stages.cases import CasesRules, Deadlines
from tocsin.cli import build
from tocsin.cli.declaration import SHIPPED
from tocsin.cli.worker import rules_of
from tocsin.runtime.errors import NotConfigured, TocsinError
from tocsin.runtime.settings import Settings

COMMANDS = ("alerts", "show", "answer", "operation")


def run(*arguments):
    return CliRunner().invoke(build(), list(arguments), env={"COLUMNS": "200"})


def test_the_worker_waits_for_answers_as_long_as_the_settings_say():
    seconds = {"answer_urgent": 2, "answer_routine": 3.5, "answer_supplementary": 4, "possible_per_hour": 7}
    rules = rules_of(Settings(**seconds))
    assert rules.deadlines == Deadlines(urgent=2_000, routine=3_500, supplementary=4_000)
    assert rules.possible_per_hour == 7
    assert rules_of(Settings()) == CasesRules()


@pytest.mark.parametrize("setting", ["answer_urgent", "answer_routine", "answer_supplementary"])
def test_no_time_at_all_is_no_setting(setting):
    with pytest.raises(ValidationError):
        Settings(**{setting: 0})


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_an_example(command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("alerts", "zz"), "'zz' is no participant"),
        (("show", "zz", "a"), "'zz' is no participant"),
        (("answer", "zz", "a", "ack"), "'zz' is no participant"),
        (("answer", "bd", "a", "ack", "--service", "desk"), "no service 'desk' of bd may publish answers"),
        (("answer", "bd", "a", "ack", "--officer", "k-17"), "name that with --service"),
        (("alerts", "bd"), "no stack is known"),
        (("operation", "ROUND-UP"), "no stack is known"),
    ],
)
def test_what_is_not_there_is_one_readable_line(tmp_path, arguments, said):
    result = run(*arguments, "--state", str(tmp_path))
    assert isinstance(result.exception, TocsinError)
    assert isinstance(result.exception, NotConfigured)
    assert said in str(result.exception)


@pytest.mark.parametrize("officer", [(), ("--officer", " ")])
def test_a_services_answer_names_the_officer(tmp_path, officer):
    (tmp_path / "bureaus.toml").write_text(
        SHIPPED.read_text() + '[participants.bd.services.desk]\nevents = ["responses"]'
    )
    result = run("answer", "bd", "a", "ack", "--service", "desk", *officer, "--state", str(tmp_path))
    assert isinstance(result.exception, NotConfigured)
    assert "give the officer's pseudonym with --officer" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("answer", "bd", "a", "agree"), "none of ack, request, confirm, reject, later, act, close, details"),
        (("answer", "bd", "a", "later", "--eta", "soon"), "neither a length of time"),
        (("answer", "bd", "a", "\x1b[31mred"), "'red' is none of"),
    ],
)
def test_what_cannot_be_understood_is_a_usage_error(tmp_path, arguments, said):
    result = run(*arguments, "--state", str(tmp_path))
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert "\x1b[31m" not in result.output
