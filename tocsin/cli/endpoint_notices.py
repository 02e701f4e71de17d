"""What a duty officer is told beside the alerts: that the bureau's own systems do not get them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tocsin.cli.forwarder import forwarder_settings
from tocsin.runtime.errors import TocsinError
from tocsin.runtime.settings import Settings

if TYPE_CHECKING:
    from consumers.forwarder.subscription import Subscription

LOOK_EVERY = timedelta(minutes=1)
"""Between two looks while alerts are watched."""
FAILING_FOR = timedelta(minutes=10)
"""An endpoint that fails for longer is told of: by then it was asked again a dozen times."""


class EndpointNotices:
    """Looks at a participant's subscriptions where the forwarder's database can be reached, and tells each thing once.

    A bureau with a single endpoint learns of its failure in no other way in time: the endpoint itself is what fails.
    """

    def __init__(self, settings: Settings, code: str, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._code = code
        self._clock = clock
        self._looked: datetime | None = None
        self._told: set[str] = set()

    def lines(self) -> list[str]:
        """What was not told yet. Never raises: alerts are shown whatever becomes of the forwarder."""
        now = self._clock()
        if self._looked is not None and now - self._looked < LOOK_EVERY:
            return []
        self._looked = now
        try:
            found = _look(self._settings, self._code, now)
        except TocsinError as error:
            found = [f"whether webhooks and e-mail work is not known: {error}"]
        new = [line for line in found if line not in self._told]
        self._told = set(found)  # what was mended and fails anew is told anew
        return new


def _look(settings: Settings, code: str, now: datetime) -> list[str]:
    from consumers.forwarder import queue, subscriptions
    from consumers.forwarder.database import FILE, is_there, looking

    database = forwarder_settings().database
    if database is None and not is_there(settings.state / FILE):
        return []  # the forwarder works elsewhere
    with looking(settings.state, database) as connection:
        found = subscriptions.of_participant(connection, code)
        missed = queue.missed(connection)
    works = any(one.endpoint.disabled is None and one.endpoint.failing_since is None for one in found)
    told = [line for one in found if (line := _line(one, one.id in missed, now))]
    if told and not works:
        told.append("no endpoint of yours takes alerts now: this screen is the only way that they reach you")
    return told


def _line(one: Subscription, missed: bool, now: datetime) -> str | None:
    endpoint = one.endpoint
    since = f" since {endpoint.failing_since:%Y-%m-%d %H:%M} UTC" if endpoint.failing_since else ""
    if endpoint.disabled:
        lacks = ", and alerts were missed" if missed else ""
        again = f"tocsin resume {one.participant} {one.id[:8]}"
        return f"{one.address} gets no alerts ({endpoint.disabled}{since}){lacks}; when it works again: {again}"
    if endpoint.failing_since and now - endpoint.failing_since >= FAILING_FOR:
        return f"{one.address} has taken no alert{since}; they wait, and are tried again"
    return None
