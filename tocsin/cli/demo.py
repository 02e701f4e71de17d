"""`tocsin demo`: the whole pipeline on this machine, with a real list and simulated incidents, held against truth."""

from __future__ import annotations

import logging
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

import deploy
from consumers.reading import Got, messages
from consumers.screening import Expected, Report, judge
from consumers.watch.book import AlertBook, Change, Taken
from consumers.watch.card import alert_card
from deploy.provision import fingerprint, provision
from deploy.stack import local, processes, prometheus
from deploy.stack.errors import StackError
from deploy.stack.running import Stack
from producers.simulate import Difficulty, Plan, Traffic, simulate
from schemas.alerts import Alert
from schemas.codes import AlertStatus, Mode, Role
from schemas.participants import Participants
from schemas.topics import alerts
from tocsin.cli import stack_view
from tocsin.cli.declaration import SHIPPED, declared, keys_file
from tocsin.cli.reading import codec, reader
from tocsin.cli.showing import Screen, cleaned
from tocsin.cli.simulate import bureaus_among, listed_entries, published
from tocsin.runtime.errors import NotConfigured, TocsinError
from tocsin.runtime.logging import configure
from tocsin.runtime.settings import Settings, connect

LIST = Path(deploy.__file__).parents[1] / "examples" / "un" / "consolidated-2026-02-27.xml"
LIST_SAYS = "UN Security Council Consolidated List, public, as generated on 2026-02-27"
_SHOWN_EACH = 2
_SHOWN_BUREAUS = 3
_EXAMPLE = """Example: other travellers, misspelt names.

    tocsin demo --seed 7 --difficulty misspelt"""


class DemoFailed(TocsinError):
    """The pipeline did not alert as it must; the message says what is missing."""


@dataclass(frozen=True)
class Outcome:
    """What fresh consumers read back: the newest revision of each alert, by participant."""

    standing: dict[str, list[Alert]]
    report: Report
    untold: int
    """Alerts that their owner has, and the incident's bureau or ccc has not."""
    seconds: float
    """From the last incident published to the last true match alerted, or to giving up."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", epilog=_EXAMPLE)(demo)


def demo(
    seed: Annotated[int, typer.Option(help="All incidents and synthetic entries are drawn from it.")] = 1,
    incidents: Annotated[int, typer.Option(min=1, help="How many incidents.")] = 300,
    difficulty: Annotated[
        Difficulty, typer.Option(help="How those who are listed appear at the border.")
    ] = Difficulty.MIXED,
    list_: Annotated[
        Path,
        typer.Option(
            "--list",
            exists=True,
            dir_okay=False,
            show_default="the list of examples/un",
            help="The watchlist of `un`.",
        ),
    ] = LIST,
    joins: Annotated[int, typer.Option(min=1, max=16, help="How many workers share the joins.")] = 1,
    without: Annotated[
        str | None, typer.Option(help="Leave out the workers of a role (gate, joins, cases): the demo must then fail.")
    ] = None,
    patience: Annotated[float, typer.Option(help="Seconds to wait for the last alert.")] = 60.0,
    stay: Annotated[
        bool | None,
        typer.Option("--stay/--end", help="Keep the stack running until Ctrl-C. Default: only on a terminal."),
    ] = None,
) -> None:
    """Start Kafka, the registry and the pipeline; publish a real list and incidents; show the alerts.

    Incidents among the bureaus meet persons of the list and synthetic entries in a known share; every true match must
    raise its alert for the locator, the owner and ccc, read back from their topics by fresh consumers. Exit code 0
    when all did.
    """
    settings = Settings()
    folder = (settings.state / "demo").resolve()
    mine = Settings(state=folder, bureaus=settings.bureaus or SHIPPED)
    participants = declared(mine)
    if not list_.exists():
        raise NotConfigured(f"the list {list_} is not there: name one with --list")
    configure(json_lines=False, level=logging.ERROR)
    console = Console(stderr=True, highlight=False)
    stay = (sys.stdin.isatty() and sys.stdout.isatty()) if stay is None else stay
    # Where nobody stays to look, nothing need be watched.
    watching = prometheus.installed(folder) if stay else None
    with _stack(folder, mine, participants, joins, without, watching, console) as stack:
        listed = listed_entries(list_, "un", Mode.ACTUAL, Random(seed))
        plan = Plan(
            bureaus=bureaus_among(mine, None),
            label=str(seed),
            at=datetime.now(UTC),
            incidents=incidents,
            difficulty=difficulty,
        )
        traffic = simulate(Random(seed), listed, plan)
        console.print(
            f"publishing {len(listed)} entries of un ({LIST_SAYS if list_ == LIST else list_.name}),"
            f" {len(traffic.entries)} synthetic entries and {len(traffic.incidents)} incidents of"
            f" {len(plan.bureaus)} bureaus; seed {seed}, difficulty {difficulty.value} ..."
        )
        sent = published(traffic, listed, mine, None, console)
        if sent.undelivered:
            raise DemoFailed(f"the broker did not take {sent.undelivered.total()} events")
        console.print(f"waiting for {len(traffic.truth)} true matches to be alerted, at most {patience:.0f} s ...")
        outcome = _read_back(mine, participants, traffic, patience)
        _show_cards(outcome, participants)
        _show_figures(outcome, difficulty, seed)
        if failure := failed(outcome):
            raise DemoFailed(f"{failure} within {patience:.0f} s (logs: {stack.state / 'logs'})")
        if stay:
            _stay(stack, folder, watching, console)


@contextmanager
def _stack(
    folder: Path,
    mine: Settings,
    participants: Participants,
    joins: int,
    without: str | None,
    watching: prometheus.Prometheus | None,
    console: Console,
) -> Iterator[Stack]:
    """A fresh stack for the length of the demo: counts are then of this run alone."""
    wanted = [one for one in processes.workers(joins) if one.role != without]
    if without is not None and len(wanted) == len(processes.workers(joins)):
        raise StackError(f"no worker has the role {without!r}: gate, joins or cases")
    if local.find(folder):
        raise StackError(f"a demo is running in {folder}: end it with Ctrl-C there, or: tocsin down --state {folder}")
    shutil.rmtree(folder, ignore_errors=True)
    with (
        stack_view.downloads(console) as progress,
        local.running_stack(
            folder,
            workers=wanted,
            consumers=(*processes.consumers(), *((watching,) if watching else ())),
            provision=lambda stack: _provisioned(stack, participants, mine),
            provisioned_as=fingerprint(participants),
            progress=progress,
            on_step=lambda step: console.print(f"{step} ..."),
        ) as stack,
    ):
        yield stack


def _provisioned(stack: Stack, participants: Participants, settings: Settings) -> None:
    admin = connect("admin", stack.settings)
    provision(participants, admin, stack.registry, stack.state, keys_file=keys_file(settings))


def _read_back(settings: Settings, participants: Participants, traffic: Traffic, patience: float) -> Outcome:
    """Read every alert topic with a fresh consumer, again until each true match has reached its owner, or too long."""
    expected = [
        Expected(match.incident_id, match.entry_id, match.owner, match.item_id, match.difficulty.value)
        for match in traffic.truth
    ]
    innocent = {incident.incident_id for incident in traffic.incidents}
    began = time.monotonic()
    while True:
        with ThreadPoolExecutor(len(participants.codes)) as readers:
            found = readers.map(lambda code: _standing(settings, code), participants.codes)
            standing = dict(zip(participants.codes, found, strict=True))
        seconds = time.monotonic() - began
        owners = [alert for held in standing.values() for alert in held if alert.role is Role.OWNER]
        report = judge(expected, innocent, owners)
        outcome = Outcome(standing, report, untold(standing), seconds)
        if failed(outcome) is None or seconds > patience:
            return outcome


def _standing(settings: Settings, code: str) -> list[Alert]:
    book = AlertBook()
    with reader(alerts(code), settings, code, "demo", from_beginning=True) as source:
        for step in messages(source, codec(settings, code).decode, Alert, until_idle=0.1):
            if isinstance(step, Got):
                book.take(step.message)
    return [alert for alert in book.oldest_first() if alert.status is AlertStatus.LIVE]


def untold(standing: dict[str, list[Alert]]) -> int:
    """How many owners' alerts about one incident (digests are about many) have not reached its bureau and ccc too."""
    held = {code: {alert.alert_id for alert in found} for code, found in standing.items()}
    owned = [alert for found in standing.values() for alert in found if alert.role is Role.OWNER]
    return sum(
        alert.incident is not None
        and not all(alert.alert_id in held.get(code, ()) for code in (alert.incident.producer, "ccc"))
        for alert in owned
    )


def failed(outcome: Outcome) -> str | None:
    """What the pipeline did not do that it must; None when every true match was alerted to all who are concerned."""
    missed = len(outcome.report.missed)
    if missed:
        return f"{missed} of {outcome.report.recall.whole} true matches raised no alert"
    if outcome.untold:
        return f"{outcome.untold} alerts reached their owner, but not both the incident's bureau and ccc,"
    return None


def _show_cards(outcome: Outcome, participants: Participants) -> None:
    now = datetime.now(UTC)
    locators = {code: [it for it in found if it.role is Role.LOCATOR] for code, found in outcome.standing.items()}
    busiest = sorted((code for code, found in locators.items() if found), key=lambda code: -len(locators[code]))
    with Screen() as screen:
        for code in busiest[:_SHOWN_BUREAUS]:
            name = participants.members[code].name
            screen.line(f"── what the duty officer of {code} ({name}) sees: {_SHOWN_EACH} of {len(locators[code])} ──")
            for alert in _various(locators[code]):
                screen.card(alert_card(Taken(Change.NEW, cleaned(alert), None), now, participants.members[code].zone))


def _various(found: list[Alert]) -> Iterable[Alert]:
    """A person first, then a thing, where there are both."""
    ordered = sorted(found, key=lambda alert: alert.entry is None or alert.entry.subject is None)
    return (ordered[0], ordered[-1])[:_SHOWN_EACH] if len(ordered) > 1 else ordered


def _show_figures(outcome: Outcome, difficulty: Difficulty, seed: int) -> None:
    console = Console(highlight=False)
    table = Table(title="Alerts read back from the topics", title_justify="left")
    for column in ("participant", "as locator", "as owner", "as coordinator"):
        table.add_column(column, justify="left" if column == "participant" else "right")
    for code, found in outcome.standing.items():
        roles = Counter(alert.role for alert in found)
        if found:
            table.add_row(code, *(str(roles[role] or "") for role in (Role.LOCATOR, Role.OWNER, Role.COORDINATOR)))
    console.print(table)
    report = outcome.report
    console.print(f"seed {seed}, difficulty {difficulty.value}")
    console.print(f"true matches alerted: {report.recall.part} of {report.recall.whole}")
    for name, share in report.recall_by_difficulty.items():
        console.print(f"  {name}: {share.part} of {share.whole}")
    console.print(
        f"incidents of others with an alert: {report.false_incidents.part} of {report.false_incidents.whole};"
        f" alerts beyond the truth on those who were met: {report.other_alerts}"
    )
    if failed(outcome) is None:
        console.print(f"all read back {outcome.seconds:.1f} s after the last incident was published")


def _stay(stack: Stack, folder: Path, watching: prometheus.Prometheus | None, console: Console) -> None:
    if watching:
        port = stack.process(watching.name).port
        look = f"Prometheus: {prometheus.address(port)}/alerts (a dashboard for Grafana: deploy/grafana/overview.json)"
    else:
        look = f"metrics: http://127.0.0.1:{stack.process('metrics').port}/metrics (Prometheus is not installed)"
    console.print(
        f"\nthe stack keeps running; {look}. In another terminal:\n"
        f"  .venv/bin/tocsin watch ccc --from-beginning --state {folder}\n"
        f"  .venv/bin/tocsin doctor --state {folder}\n"
        "Ctrl-C ends it",
        soft_wrap=True,
    )
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        console.print("ending the stack ...")
