"""`tocsin worker`: one process of the stream stages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli.declaration import believing, declared
from tocsin.runtime.logging import configure
from tocsin.runtime.settings import Settings, connect

if TYPE_CHECKING:
    from streams.stages.cases import CasesRules

_log = logging.getLogger(__name__)


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command(epilog="Example: tocsin worker joins --worker-id joins-1 --port 9102")
    def worker(
        role: Annotated[str, typer.Argument(help="gate, joins or cases.")],
        worker_id: Annotated[
            str | None, typer.Option(help="Name in the group, the same after a restart; unique among live workers.")
        ] = None,
        port: Annotated[int, typer.Option(help="Port of /metrics and /healthz; 0 takes a free one.")] = 0,
        session_timeout: Annotated[
            float, typer.Option(help="Seconds of silence after which the group gives its partitions away.")
        ] = 30.0,
    ) -> None:
        """Run one worker of the stream stages until SIGTERM.

        It connects as the Kafka user worker-<role>. Exit codes: 0 told to stop, 1 crash, 70 lost its partitions or
        found a gap; a supervisor starts it again.
        """
        from streams.app import Place, Role, run

        if role not in list(Role):
            raise typer.BadParameter(f"{role!r} is none of {', '.join(Role)}", param_hint="ROLE")
        settings = Settings()
        configure(json_lines=settings.log_json)
        participants = declared(settings)
        if role == Role.GATE and (warned := believing(participants, settings)):
            _log.warning("%s", warned)
        run(
            Role(role),
            participants,
            connect(f"worker-{role}", settings),
            Place(
                worker_id=worker_id or f"{role}-1",
                state=settings.state / "stores",
                host=settings.host,
                port=port,
                session_timeout=session_timeout,
                rewrite_stores=settings.rewrite_stores,
                cap_append_times=settings.cap_append_times,
            ),
            rules_of(settings),
        )


def rules_of(settings: Settings) -> CasesRules:
    """The rules of the stage `cases` as the settings say them."""
    from streams.stages.cases import CasesRules, Deadlines

    seconds = (settings.answer_urgent, settings.answer_routine, settings.answer_supplementary)
    urgent, routine, supplementary = (int(1000 * each) for each in seconds)
    deadlines = Deadlines(urgent=urgent, routine=routine, supplementary=supplementary)
    return CasesRules(deadlines=deadlines, possible_per_hour=settings.possible_per_hour)
