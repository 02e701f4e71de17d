"""`tocsin subscribe` and its kin: what they print, what they refuse, and that a secret is shown once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from consumers.forwarder import ledger
from consumers.forwarder.access import sealed_access
from consumers.forwarder.database import open_database, transaction
from consumers.forwarder.failure import Fault
from consumers.forwarder.ledger import Entry, What
from consumers.forwarder.sealing import obtain_seal
from tocsin.cli import deliveries
from tocsin.cli import subscriptions as commands
from tocsin.runtime.errors import TocsinError

Run = Callable[..., Result]
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    app = typer.Typer()
    commands.register(app)
    deliveries.register(app)
    monkeypatch.setenv("TOCSIN_STATE", str(tmp_path))
    return lambda *arguments, **more: CliRunner().invoke(app, list(arguments), **more)


def subscribed(run: Run, *more: str) -> str:
    done = run("subscribe", "bd", "https://police.example/in", *more)
    assert done.exit_code == 0, done.output
    found = re.search(r"subscription +(\S+)", done.output)
    assert found
    return found[1]


def test_a_subscription_is_made_shown_and_removed(run: Run) -> None:
    id_ = subscribed(run, "--band", "exact", "--band", "STRONG", "--instrument", "NOTICE", "--operation", "Net 7")

    shown = run("subscriptions", "bd").output
    plain = json.loads(run("subscriptions", "bd", "--json").output)
    assert id_ in shown
    assert "instrument NOTICE, band EXACT|STRONG, operation Net 7" in shown
    assert plain["filters"]["operations"] == ["Net 7"]
    assert run("unsubscribe", "bd", id_[:6]).exit_code == 0
    assert id_ not in run("subscriptions", "bd").output


def test_a_secret_is_shown_once_and_a_rotation_keeps_the_old_one_for_its_overlap(run: Run, tmp_path: Path) -> None:
    first = SECRET.search(run("subscribe", "bd", "https://police.example/in").output)
    id_ = json.loads(run("subscriptions", "bd", "--json").output)["id"]
    second = SECRET.search(run("rotate-secret", "bd", id_, "--overlap-hours", "2").output)

    assert first
    assert second
    assert not SECRET.search(run("subscriptions", "bd").output + run("subscriptions", "bd", "--json").output)
    now = datetime.now(UTC)
    seal = obtain_seal(tmp_path, None)
    with transaction(open_database(tmp_path, None, seal)) as connection:
        signing = sealed_access(connection, [id_], now)[id_].open(seal).signers
    assert [one.text for one in signing] == [second[0], first[0]]
    assert signing[0].ends_at is None
    assert signing[1].ends_at is not None
    assert 7100 < (signing[1].ends_at - now).total_seconds() < 7300


URL = "https://hooks.police.example:8443/token-of-bd?key=1"


def test_an_address_with_a_token_is_read_from_a_file_or_standard_input_and_never_shown(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "address").write_text(URL + "\n")
    said = run("subscribe", "bd", "--url-file", str(tmp_path / "address")).output
    said += run("subscribe", "np", "--url-file", "-", input=URL).output
    said += run("subscriptions", "bd").output + run("subscriptions", "bd", "--json").output
    again = run("subscribe", "bd", URL)

    assert said.count("https://hooks.police.example:8443/") == 4
    assert "this very subscription" in str(again.exception)
    assert "token" not in said + again.output + str(again.exception)


@pytest.mark.parametrize("url", [URL + " x", URL.replace(":8443", ":x"), URL.replace("https", "ftp"), URL + "#part"])
def test_an_address_that_is_refused_is_not_repeated(run: Run, url: str) -> None:
    refused = run("subscribe", "bd", url)

    assert isinstance(refused.exception, TocsinError)
    assert "token" not in f"{refused.exception} {refused.exception.__cause__} {refused.output}"


@pytest.mark.parametrize("more", [(), ("--url-file", "nowhere"), ("https://police.example/", "--url-file", "-")])
def test_no_address_or_two_are_refused(run: Run, more: tuple[str, ...]) -> None:
    assert run("subscribe", "bd", *more).exit_code != 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("subscribe", "xa", "https://police.example/"), "canary"),  # domain rule 14
        (("subscribe", "zz", "https://police.example/"), "no participant"),
        (("subscribe", "bd", "http://police.example/"), "https"),
        (("subscribe", "bd", "https://localhost:8443/in"), "not a public address"),
        (("subscribe", "bd", "https://[::ffff:10.0.0.1]/in"), "TOCSIN_FORWARDER_ALLOW="),
        (("subscribe", "bd", "mailto:duty@police.example"), "TOCSIN_FORWARDER_SMTP_HOST"),
        (("unsubscribe", "bd", "1234"), "no subscription"),
        (("rotate-secret", "bd", ""), "no subscription"),
        (("resume", "bd", "1234"), "no subscription"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)

    assert isinstance(done.exception, TocsinError)
    assert said in str(done.exception)
    assert "\n" not in str(done.exception)


@pytest.mark.parametrize("option", [("--band", "SURE"), ("--instrument", "X"), ("--threat", "UNKNOWN")])
def test_a_code_that_is_none_is_refused_with_those_there_are(run: Run, option: tuple[str, str]) -> None:
    done = run("subscribe", "bd", "https://police.example/", *option)

    assert done.exit_code == 2


def test_text_from_outside_does_not_steer_the_terminal(run: Run) -> None:
    subscribed(run, "--operation", "\x1b[2J\u202eNet")

    assert "\x1b" not in run("subscriptions", "bd").output
    assert "\u202e" not in run("subscriptions", "bd").output


def test_the_ledger_is_shown_by_time_and_outcome(run: Run, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    lines = [
        Entry("bd", "s-1", "a-1", 1, now, What.FAILED, Fault.OVERLOADED, 503, 12),
        Entry("bd", "s-1", "a-1", 1, now, What.DELIVERED, None, 200, 9),
        Entry("np", "s-2", "a-2", 1, now, What.DELIVERED, None, 200, 9),
    ]
    with transaction(open_database(tmp_path, None, obtain_seal(tmp_path, None))) as connection:
        ledger.write(connection, lines)

    assert "FAILED OVERLOADED 503 12 ms" in run("deliveries", "bd").output
    assert len(run("deliveries", "bd").output.splitlines()) == 2
    assert len(run("deliveries", "bd", "--failed").output.splitlines()) == 1
    assert run("deliveries", "bd", "--since", "2020-01-01", "--json").output.count("\n") == 2
    assert run("deliveries", "bd", "--since", "yesterday").exit_code == 2
    assert "a-2" not in run("deliveries", "bd").output
    assert "no failed attempt to deliver to np since" in run("deliveries", "np", "--failed").output
    assert run("deliveries", "np", "--failed", "--json").output == ""
