"""Rules of the join protocol, each broken on purpose: the schedules must notice, or they prove nothing.

Each break says how it `shows`, so that one that only fails by itself is not taken for found (`symptoms`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

from schemas.alerts import Alert
from schemas.codes import AlertStatus, RejectReason, Role
from schemas.internal import Continue, Ending, GatedEntry, GatedIncident, Probe, Reference, Side, Source
from streams.stages import sightings
from streams.stages.announcing import Announcing
from streams.stages.cases import Cases, CasesRules, Deadlines, entries
from streams.stages.contract import Received, Send, Stage, State
from streams.stages.identifiers import Identifiers
from streams.stages.rules import SightingsRules
from streams.stages.sightings import Sightings
from streams.stages.versions import History, Judgement, Standing, judge
from streams.stages.watchlist import Watchlist
from tests.schedules.histories import PARTICIPANTS, PARTITIONS
from tests.schedules.oracle import decided
from tests.schedules.world import Build


class NoWait(Build):
    """nowait: a Probe does not wait for the list."""

    shows = "^missing: "

    class _Sightings(Sightings):
        def ready(self, received: Received) -> bool:
            return True

    def sightings(self, partition: int, watchlist: Watchlist, rules: SightingsRules) -> Sightings:
        return self._Sightings(partition, watchlist, PARTITIONS, rules)


class NoResend(Build):
    """noresend: a new version of an incident is not sent to the entries that heard of it before."""

    shows = "^(counted wrongly|still live): "

    class _Announcing(Announcing):
        def _remembered(self, *work: object) -> list[Send]:
            return []

    class _Sightings(Sightings):
        def __init__(self, partition: int, watchlist: Watchlist, partitions: int, rules: SightingsRules) -> None:
            super().__init__(partition, watchlist, partitions, rules)
            self._announcing = NoResend._Announcing(partition, watchlist, self._window, rules, self.counts)

    def sightings(self, partition: int, watchlist: Watchlist, rules: SightingsRules) -> Sightings:
        return self._Sightings(partition, watchlist, PARTITIONS, rules)


class NoReferences(Build):
    """norefs: a new version of an entry sends only its new numbers."""

    shows = "^missing: "

    def __init__(self) -> None:
        self._sent: dict[tuple[str, str], bool] = {}

    def passes(self, sender: str, send: Send) -> bool:
        reference = send.message
        if not isinstance(reference, Reference) or reference.side is not Side.ENTRY:
            return True
        known = self._sent.get((reference.key, reference.number), False)
        self._sent[reference.key, reference.number] = reference.present
        return not (known and reference.present)


class NoSource(Build):
    """nosource: what the gate says again is judged by version, as if its sender had said it again."""

    shows = "^refused: |taken for said twice"

    def sightings(self, partition: int, watchlist: Watchlist, rules: SightingsRules) -> Sightings:
        return self._Sightings(partition, watchlist, PARTITIONS, rules)

    def cases(self, partition: int, rules: CasesRules) -> Stage:
        return self._Cases(partition, PARTICIPANTS, PARTITIONS, rules)

    class _Sightings(Sightings):
        def step(self, state: State, received: Received, now: int) -> Sequence[Send]:
            return super().step(state, _as_if_new(received), now)

    class _Cases(Cases):
        def step(self, state: State, received: Received, now: int) -> Sequence[Send]:
            return super().step(state, _as_if_new(received), now)


def _as_if_new(received: Received) -> Received:
    message = received.message
    if not isinstance(message, (GatedIncident, GatedEntry)):
        return received
    source = message.source.model_copy(update={"offset": 1_000_000 + received.timestamp})
    return replace(received, message=message.model_copy(update={"source": source}))


class JudgedOtherwise(Build):
    """Both stages that take events in ask `_judge` in the place of `judge`."""

    @contextmanager
    def around(self) -> Iterator[None]:
        with mock.patch.object(sightings, "judge", self._judge), mock.patch.object(entries, "judge", self._judge):
            yield

    @staticmethod
    def _judge(history: History, source: Source, event_id: str, version: int, content: bytes) -> Judgement:
        raise NotImplementedError


class NoVersion(JudgedOtherwise):
    """noversion: an event is taken in whatever version was there before."""

    shows = "^not refused: |taken for said twice"

    @staticmethod
    def _judge(history: History, source: Source, event_id: str, version: int, content: bytes) -> Judgement:
        lower = history.model_copy(update={"version": min(history.version, version - 1)})
        return judge(lower, source, event_id, version, content)


class RepeatsCounted(JudgedOtherwise):
    """repeatscounted: what the gate says again is counted as said twice by its sender, and nothing else is wrong."""

    shows = "taken for said twice"

    @staticmethod
    def _judge(history: History, source: Source, event_id: str, version: int, content: bytes) -> Judgement:
        judged = judge(history, source, event_id, version, content)
        return replace(judged, standing=Standing.DUPLICATE) if judged.standing is Standing.REPEAT else judged


class RepeatsRefused(JudgedOtherwise):
    """repeatsrefused: what the gate says again is refused, as if its sender had said an old version."""

    shows = "^refused: "

    @staticmethod
    def _judge(history: History, source: Source, event_id: str, version: int, content: bytes) -> Judgement:
        judged = judge(history, source, event_id, version, content)
        refused = replace(judged, standing=Standing.REFUSED, reason=RejectReason.NOT_HIGHER_VERSION, place="version")
        return refused if judged.standing is Standing.REPEAT else judged


class NoRetraction(Build):
    """noretract: nobody is told that an alert no longer holds."""

    shows = "^still live: "

    def passes(self, sender: str, send: Send) -> bool:
        return not (isinstance(send.message, Alert) and send.message.status is AlertStatus.RETRACTED)


class NoProbe(Build):
    """noprobe: an entry does not search the window."""

    shows = "^missing: "

    def passes(self, sender: str, send: Send) -> bool:
        return not isinstance(send.message, Probe)


class NoEnding(Build):
    """noending: an entry does not tell those linked to it how it stands."""

    shows = "^still live: "

    def passes(self, sender: str, send: Send) -> bool:
        return not isinstance(send.message, Ending)


class NoContinue(Build):
    """nocontinue: what was too much for one step is never done."""

    shows = "^missing: "

    def passes(self, sender: str, send: Send) -> bool:
        return not isinstance(send.message, Continue)


class NoAnswer(Build):
    """noanswer: identifiers answers only the side that comes first, never the later one."""

    shows = "^missing: "

    class _Identifiers(Identifiers):
        def _answer(self, state: State, reference: Reference, after: str) -> list[Send]:
            return [] if reference.side is Side.INCIDENT else super()._answer(state, reference, after)

    def identifiers(self, fan_out: int) -> Identifiers:
        return self._Identifiers(fan_out)


class NoRestore(Build):
    """norestore: a stage that moves to another worker does not rebuild its index."""

    shows = "^missing: "

    class _Sightings(Sightings):
        def restore(self, state: State) -> None:
            return

    def sightings(self, partition: int, watchlist: Watchlist, rules: SightingsRules) -> Sightings:
        return self._Sightings(partition, watchlist, PARTITIONS, rules)


class NoWord(Build):
    """noword: an owner is not told what the other side says."""

    shows = "^(missing|differs): "

    def passes(self, sender: str, send: Send) -> bool:
        alert = send.message
        return not (isinstance(alert, Alert) and alert.role is Role.OWNER and alert.answers)


class NoClock(Build):
    """noclock: nobody is waited for in vain."""

    shows = "^differs: "

    def cases(self, partition: int, rules: CasesRules) -> Stage:
        never = replace(rules, deadlines=Deadlines(supplementary=10**12))
        return Cases(partition, PARTICIPANTS, PARTITIONS, never, decide=decided)


class NoDigest(Build):
    """nodigest: what is not sent by itself is not counted either."""

    shows = "^missing: "

    def passes(self, sender: str, send: Send) -> bool:
        return not (isinstance(send.message, Alert) and send.message.digest is not None)


BREAKS: dict[str, type[Build]] = {
    "nowait": NoWait,
    "noresend": NoResend,
    "norefs": NoReferences,
    "nosource": NoSource,
    "noversion": NoVersion,
    "repeatscounted": RepeatsCounted,
    "repeatsrefused": RepeatsRefused,
    "noretract": NoRetraction,
    "noprobe": NoProbe,
    "noending": NoEnding,
    "nocontinue": NoContinue,
    "noanswer": NoAnswer,
    "norestore": NoRestore,
    "noword": NoWord,
    "noclock": NoClock,
    "nodigest": NoDigest,
}
"""By the name that `--break` takes."""
