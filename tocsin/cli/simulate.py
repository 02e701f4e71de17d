"""`tocsin simulate`: seeded traffic among the bureaus, with the truth about it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from producers.country import CountryProducer
from producers.identity import drawn_event_id
from producers.importers import EnvelopeDefaults, Format, RefusedRow, format_of, read_entries_jsonl, read_un_list
from producers.simulate import Bureau, Difficulty, ImpossiblePlan, Plan, Traffic, simulate, write_traffic
from producers.simulate.files import TRUTH, write_truth
from producers.simulate.publication import Sent, publish_traffic
from schemas.codes import Mode
from schemas.events import WatchlistEntry
from schemas.participants import Kind
from tocsin.cli.declaration import declared
from tocsin.cli.publish import Exercise
from tocsin.cli.publishing_access import publishing_as
from tocsin.cli.publishing_account import SOME_NOT_TAKEN
from tocsin.cli.terminal import plain
from tocsin.runtime.settings import Settings

_EXAMPLE = """Example: files first, or straight to the broker, ten incidents a second.

    tocsin simulate --list examples/un/consolidated-2026-02-27.xml --seed 7 --out traffic

    tocsin simulate --list examples/un/consolidated-2026-02-27.xml --seed 7 --publish --rate 10 --truth truth.jsonl
"""

_LIST_TIME = datetime(2025, 1, 1, tzinfo=UTC)
"""Of what a list leaves out: fixed, so that equal seeds give equal files."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulate", epilog=_EXAMPLE)(_simulate)


def _simulate(
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for watchlist.<owner>.jsonl, incidents.<cc>.jsonl and truth.jsonl."),
    ] = None,
    publish: Annotated[bool, typer.Option("--publish", help="Publish to the broker.")] = False,
    truth: Annotated[Path | None, typer.Option(help="File for the truth, when there is no --out.")] = None,
    list_: Annotated[
        Path | None,
        typer.Option(
            "--list",
            exists=True,
            dir_okay=False,
            help="A list whose persons are met too: the UN consolidated list (XML) or JSON Lines of entries.",
        ),
    ] = None,
    list_owner: Annotated[str, typer.Option(help="Owner of that list.")] = "un",
    seed: Annotated[int, typer.Option(help="Everything is drawn from it.")] = 1,
    incidents: Annotated[int, typer.Option(min=1, help="How many incidents.")] = 200,
    share: Annotated[float, typer.Option(min=0, max=1, help="Share of them that are true matches.")] = 0.1,
    difficulty: Annotated[
        Difficulty,
        typer.Option(
            help="How listed persons and things appear: as listed, words reordered, misspelt, in another script, or"
            " each drawn anew (mixed)."
        ),
    ] = Difficulty.MIXED,
    entries: Annotated[int, typer.Option(min=0, help="Synthetic entries of each bureau, of all kinds in turn.")] = 14,
    among: Annotated[
        str | None, typer.Option(help="Bureaus that take part, such as bd,in,np. Default: all that are declared.")
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"],
            help="End of the time that the incidents lie in; without a zone in UTC. Default: now. The same seed and"
            " time give the same traffic.",
        ),
    ] = None,
    hours: Annotated[float, typer.Option(min=0, help="Length of that time.")] = 24.0,
    rate: Annotated[
        float | None, typer.Option(min=0.01, help="Incidents published a second. Default: at once.")
    ] = None,
    exercise: Exercise = Mode.ACTUAL,
    as_json: Annotated[bool, typer.Option("--json", help="What was made, as one line of JSON.")] = False,
    state: Annotated[
        Path | None, typer.Option(help="State folder of the stack. Default: TOCSIN_STATE, else .tocsin.")
    ] = None,
) -> None:
    """Make traffic with a known share of true matches, as files or published, and the truth beside it.

    The truth comes from how the traffic was made: each true match is a listed person or thing met at a border at the
    named level of difficulty; every other traveller has a name and a number that are on no list.
    """
    if out is None and not publish:
        raise ImpossiblePlan("nothing to do: give --out FOLDER, --publish, or both")
    settings = Settings() if state is None else Settings(state=state)
    end = datetime.now(UTC) if at is None else at if at.tzinfo else at.replace(tzinfo=UTC)
    listed = listed_entries(list_, list_owner, exercise, Random(seed))
    plan = Plan(
        bureaus=bureaus_among(settings, among),
        label=str(seed),
        at=end,
        spread=timedelta(hours=hours),
        incidents=incidents,
        share=share,
        difficulty=difficulty,
        entries=entries,
        exercise=exercise,
    )
    traffic = simulate(Random(seed), listed, plan)
    console = Console(stderr=True, highlight=False)
    console.print(
        f"seed {seed}, difficulty {difficulty.value}: {len(listed)} listed and {len(traffic.entries)} synthetic"
        f" entries, {len(traffic.incidents)} incidents, {len(traffic.truth)} true matches"
    )
    if out is not None:
        write_traffic(traffic, listed, out)
        console.print(f"written to {plain(str(out))}; the truth is in {plain(str(out / TRUTH))}")
    elif truth is not None:
        write_truth(traffic, truth)
    sent = published(traffic, listed, settings, rate, console) if publish else Sent()
    if as_json:
        typer.echo(json.dumps(_as_dict(traffic, len(listed), sent, seed, difficulty)))
    if sent.undelivered:
        raise typer.Exit(SOME_NOT_TAKEN)


def listed_entries(file: Path | None, owner: str, exercise: Mode, random: Random) -> list[WatchlistEntry]:
    """Every entry of the list in `file` (the UN's XML or JSON Lines); none without a file.

    Raises ImpossiblePlan when a row of it cannot be used, UnknownFormat, UnreadableFile.
    """
    if file is None:
        return []

    def event_id() -> str:
        return drawn_event_id(random, _LIST_TIME)

    if format_of(file) is Format.UN_XML:
        results = read_un_list(file, producer=owner, exercise=exercise, event_id=event_id)
    else:
        results = read_entries_jsonl(file, EnvelopeDefaults(owner, _LIST_TIME, exercise), event_id=event_id)
    kept: list[WatchlistEntry] = []
    for result in results:
        if isinstance(result, RefusedRow):
            raise ImpossiblePlan(f"{file}: {result.row}: {result.field}: {result.why}")
        if isinstance(result, WatchlistEntry):
            kept.append(result)
    return kept


def bureaus_among(settings: Settings, among: str | None) -> tuple[Bureau, ...]:
    """The declared bureaus, or those of them named in `among` (codes with commas). Raises ImpossiblePlan."""
    members = declared(settings).members
    codes = [code for code, member in members.items() if member.kind is Kind.BUREAU]
    if among is not None:
        wanted = [code.strip() for code in among.split(",") if code.strip()]
        unknown = [code for code in wanted if code not in codes]
        if unknown:
            raise ImpossiblePlan(f"not declared as bureaus: {', '.join(unknown)}")
        codes = wanted
    return tuple(Bureau(code, members[code].zone) for code in codes)


def published(
    traffic: Traffic, listed: list[WatchlistEntry], settings: Settings, rate: float | None, console: Console
) -> Sent:
    """Publish with a progress bar, and print what became of it."""
    total = len(listed) + len(traffic.entries) + len(traffic.incidents)
    columns = (TextColumn("publishing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("publishing", total=total)

        def waiting(text: str) -> None:
            console.print(f"waiting: {plain(text)}", soft_wrap=True)

        sent = publish_traffic(
            traffic,
            listed,
            lambda code: CountryProducer(code, publishing_as(code, settings), on_waiting=waiting),
            rate=rate,
            on_event=lambda sent: bar.update(task, completed=sent.entries + sent.incidents),
        )
    console.print(f"published {sent.delivered}, not taken by the broker {sent.undelivered.total()}")
    for reason, count in sent.undelivered.items():
        console.print(f"  {reason.value}: {count}")
    return sent


def _as_dict(traffic: Traffic, listed: int, sent: Sent, seed: int, difficulty: Difficulty) -> dict[str, object]:
    return {
        "seed": seed,
        "difficulty": difficulty.value,
        "entries": listed + len(traffic.entries),
        "incidents": len(traffic.incidents),
        "true_matches": len(traffic.truth),
        "published": sent.delivered,
        "not_taken": {reason.name: count for reason, count in sent.undelivered.items()},
    }
