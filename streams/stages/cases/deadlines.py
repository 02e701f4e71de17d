"""How long an answer may take, and what follows when none comes. Pure: time is the partition's, handed in as `now`.

A request for confirmation starts the clock: 10 minutes when somebody is held on the hit alone (URGENT), 1 hour when
held on other grounds (ROUTINE), 12 hours else (SUPPLEMENTARY). When it runs out, URGENT and ROUTINE are requested a
second and a third time, each with a whole interval of its own, and then escalated to `ccc`; SUPPLEMENTARY is
escalated at once. CONFIRM_LATER starts the clock anew at the time that it names, any other answer ends it. Where
`ccc` may not know of the case (EXCEPT names it, or canaries) nobody is left to escalate to: the clock then ends with
the third request.

The clock stands still while nobody waits or nobody can answer: while the alert is retracted, the locator has lost the
right to it, or the owner is not told and `ccc` may not be. It goes on where it stood. At home (DOMESTIC) there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.codes import Priority, ResponseKind, Role, Scope
from schemas.model import Model
from schemas.topics import DAY, HOUR, MINUTE
from streams.stages.cases.dissemination import COORDINATOR, Audience
from streams.stages.contract import Millis


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Intervals in milliseconds. The defaults are those of the field."""

    urgent: Millis = 10 * MINUTE
    routine: Millis = HOUR
    supplementary: Millis = 12 * HOUR
    requests: int = 3
    """How often an answer is requested before it is escalated, except SUPPLEMENTARY, which is requested once."""
    postponement: Millis = 30 * DAY
    """How long after the locator's request CONFIRM_LATER may put the answer off, however often it is said."""

    def interval(self, priority: Priority) -> Millis:
        """How long each request waits for its answer."""
        if priority is Priority.URGENT:
            return self.urgent
        return self.routine if priority is Priority.ROUTINE else self.supplementary

    def most_requests(self, priority: Priority, audience: Audience) -> int:
        """Requests before the case is escalated, or before the clock ends where it cannot be."""
        at_once = priority is Priority.SUPPLEMENTARY and can_escalate(audience)
        return 1 if at_once else self.requests


class AnswerClock(Model):
    """Where the clock of a case stands."""

    requests: int = 0
    """Requests so far, the pipeline's own included; kept after the answer. 0: never requested."""
    asked_at: int = 0
    """When the locator requested confirmation last: milliseconds since 1970; 0: never."""
    started_at: int = 0
    """When the interval that runs began or will begin: milliseconds since 1970; 0: the clock has ended."""
    stopped_at: int = 0
    """Since when it stands still: milliseconds since 1970; 0: it does not."""
    due_at: int = 0
    """When the interval ends: milliseconds since 1970; 0: it never does (ended, or standing still)."""
    escalated: bool = False
    """Nobody answered in time; kept after the answer."""


def can_escalate(audience: Audience) -> bool:
    """May `ccc` know of the case?"""
    return audience.role_of(COORDINATOR) is not None


def runs(audience: Audience, live: bool) -> bool:
    """Does somebody wait for an answer, and can somebody give it?"""
    waits = any(role is Role.LOCATOR for _, role in audience.roles)
    return live and waits and audience.scope is Scope.CROSS_BORDER and audience.answering is not None


def after_answer(clock: AnswerClock, kind: ResponseKind, eta: Millis | None, now: Millis) -> AnswerClock:
    """The clock after a legal move."""
    if kind is ResponseKind.REQUEST_CONFIRMATION:
        return AnswerClock(requests=1, asked_at=now, started_at=now)
    if kind is ResponseKind.CONFIRM_LATER:
        return _set(clock, max(eta or now, now), requests=1)
    return _set(clock, 0)


def adjusted(clock: AnswerClock, running: bool, interval: Millis, now: Millis) -> AnswerClock:
    """The clock, made to stand still or to go on, with the time at which `interval` ends."""
    if not clock.started_at:
        return clock
    if not running:
        return clock.model_copy(update={"stopped_at": clock.stopped_at or now, "due_at": 0})
    started_at = clock.started_at
    if clock.stopped_at:
        already = max(0, clock.stopped_at - started_at)
        started_at = max(started_at, now - already)
    return clock.model_copy(update={"started_at": started_at, "stopped_at": 0, "due_at": started_at + interval})


def run_out(clock: AnswerClock, most_requests: int, escalates: bool, now: Millis) -> AnswerClock:
    """The clock after its interval ended without an answer: requested once more, or escalated.

    The next interval begins `now` and not when the last one ended: after an outage nobody is given less time.
    """
    if clock.requests < most_requests:
        return _set(clock, now, requests=clock.requests + 1)
    return _set(clock, 0, escalated=clock.escalated or escalates)


def _set(clock: AnswerClock, started_at: Millis, **more: int) -> AnswerClock:
    """The clock begun at `started_at`, which `adjusted` lets run; 0: ended."""
    return clock.model_copy(update={"started_at": started_at, "stopped_at": 0, "due_at": 0, **more})
