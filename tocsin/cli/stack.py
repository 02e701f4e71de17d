"""`tocsin up`, `tocsin status`, `tocsin down`: the local stack."""

from __future__ import annotations

import json
import signal
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.provision import Durability, durability_on, fingerprint, provision
from deploy.stack import local, processes, prometheus
from deploy.stack.errors import ProcessFailed, StackError
from deploy.stack.kafka import REPLICAS
from deploy.stack.running import Stack
from deploy.stack.supervision import State, end_everything, members
from tocsin.cli import stack_view
from tocsin.cli.declaration import declared, keys_file
from tocsin.runtime.settings import Settings, connect

StateFolder = Annotated[
    Path | None,
    typer.Option("--state", help="Folder of the stack: data, logs, secrets. Default: TOCSIN_STATE, else .tocsin"),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(up)
    app.command()(status)
    app.command()(down)


def up(
    joins: Annotated[int, typer.Option(min=1, max=16, help="How many workers share the joins.")] = 2,
    state: StateFolder = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return as soon as everything is ready.")] = False,
    port_base: Annotated[
        int | None,
        typer.Option(min=1024, max=65000, help="Take ports from here upwards. Default: free ones, kept over restarts."),
    ] = None,
    servers_only: Annotated[
        bool, typer.Option("--servers-only", help="Broker and registry alone: no workers, no consumers.")
    ] = False,
    tls: Annotated[
        bool,
        typer.Option("--tls", help="TLS for broker and registry, with certificates made in the state folder's tls/."),
    ] = False,
    brokers: Annotated[
        int, typer.Option(help="1, or 3: every record on three brokers, two of which must have it; one may be away.")
    ] = 1,
    with_prometheus: Annotated[
        bool, typer.Option("--prometheus", help="Run Prometheus as well, which must be installed, with our rules.")
    ] = False,
) -> None:
    """Start the local stack: broker, registry, every worker. Ends with Ctrl-C, which leaves nothing running.

    Needs nothing but Python: Java is a package, Kafka and the registry are fetched once, checked before every start.

    Example: tocsin up --joins 2 --detach; or, for a cluster that outlives any one broker: tocsin up --brokers 3
    """
    if brokers not in (1, REPLICAS):
        raise typer.BadParameter(f"1 or {REPLICAS}, not {brokers}", param_hint="--brokers")
    console = Console(stderr=True)
    settings = _settings(state)
    durability = durability_on(brokers)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # SIGINT too: a background job inherits it ignored
        signal.signal(number, signal.default_int_handler)  # whoever ends us ends the stack, as Ctrl-C does
    watching = [prometheus.required(settings.state)] if with_prometheus else []
    with stack_view.downloads(console) as progress:
        stack = local.start(
            settings.state,
            workers=() if servers_only else processes.workers(joins),
            consumers=[*(() if servers_only else processes.consumers()), *watching],
            provision=lambda running: _provision(running, settings, durability),
            provisioned_as=fingerprint(declared(settings), durability),
            tls=tls,
            brokers=brokers,
            port_base=port_base,
            progress=progress,
            on_step=lambda step: console.print(f"{step} ..."),
        )
    try:
        console.print(f"ready: Kafka {stack.bootstrap}, registry {stack.registry}, state {stack.state}", soft_wrap=True)
        for one in watching:
            console.print(f"Prometheus: {prometheus.address(stack.process(one.name).port)}/alerts", soft_wrap=True)
        if detach:
            console.print("look at it with: tocsin status; end it with: tocsin down")
            return
        _watch(stack, console)
    except KeyboardInterrupt:
        console.print("ending the stack ...")
    finally:
        if not detach:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # impatience must not leave half of it running
            stack.stop_all()
    console.print("nothing of it is running any more")


def status(
    state: StateFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a process.")] = False,
) -> None:
    """Show every process of the stack; exit code 0 only when all are ready.

    Example: tocsin status --json
    """
    folder = _settings(state).state.resolve()
    stack = local.find(folder)
    if stack is None:
        left = len(members(folder))
        raise StackError(
            f"the supervisor in {folder} is gone, {left} processes are left; end them with: tocsin down"
            if left
            else f"no stack is running in {folder}; start one with: tocsin up"
        )
    rows = stack_view.rows(stack)
    if as_json:
        for row in rows:
            typer.echo(json.dumps(asdict(row)))
    else:
        Console().print(stack_view.table(rows))
    if not all(row.ready for row in rows):
        raise typer.Exit(1)


def down(state: StateFolder = None) -> None:
    """End the stack: every process of it, also those that a killed supervisor left behind.

    Example: tocsin down
    """
    folder = _settings(state).state.resolve()
    if members(folder):
        typer.echo("ending the stack ...", err=True)
    ended = local.stop(folder)
    typer.echo(f"ended {ended} processes" if ended else f"no stack was running in {folder}", err=True)


def _settings(state: Path | None) -> Settings:
    return Settings() if state is None else Settings(state=state)


def _watch(stack: Stack, console: Console) -> None:
    """Show the processes until somebody else ends the stack.

    Raises ProcessFailed when one cannot be kept up, StackError when the supervisor itself died.
    """
    with stack_view.live(console) as show:
        while True:
            try:
                rows = stack_view.rows(stack)
            except StackError as gone:
                if end_everything(stack.state):
                    raise StackError("the supervisor died; what it left behind was ended") from gone
                return
            show(rows)
            for row in rows:
                if row.state is State.FAILED:
                    raise ProcessFailed(row.process, stack.log(row.process), "could not be kept up; the stack is ended")
            time.sleep(1)


def _provision(stack: Stack, settings: Settings, durability: Durability) -> None:
    admin = connect("admin", stack.settings)
    provision(
        declared(settings), admin, stack.registry, stack.state, durability=durability, keys_file=keys_file(settings)
    )
