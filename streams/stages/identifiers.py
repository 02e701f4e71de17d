"""The stage identifiers: who refers to a number, from both sides.

One key is one number, with its mode. Whichever side comes later finds the earlier: every Reference that is present is
answered with all of the other side, also when it was present before, because `cases` forgets pairs that do not match
and each entry version therefore sends all its References again. Nothing is decided here; issuer, exact type and exact
spelling are graded by the scorer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from schemas import topics
from schemas.internal import Continue, Found, Reference, Side, Tick
from schemas.model import Model
from streams.stages import keys
from streams.stages.contract import Received, Send, Stage, State, Table
from streams.stages.errors import UnexpectedMessage
from streams.stages.rules import FAN_OUT

ANSWER = "answer"
"""Kind of Continue: go on answering a reference (`detail`) to the number (`key`)."""


class Referrer(Model):
    """One incident's item, or one entry, that refers to a number."""

    key: str
    """Key of the incident or of the entry."""
    item_id: str = ""
    """subject_id or object_id within the incident; empty for an entry."""


REFERRERS = Table("referrer", Referrer)


class Identifiers(Stage):
    """One partition of identifiers."""

    name = topics.IDENTIFIERS

    def __init__(self, fan_out: int = FAN_OUT) -> None:
        self._fan_out = fan_out
        self.counts: Counter[str] = Counter()
        """For metrics, since start: references, answers, continued."""

    def restore(self, state: State) -> None:
        """Nothing is derived."""

    def ready(self, received: Received) -> bool:
        """Nothing is waited for."""
        return True

    def step(self, state: State, received: Received, now: int) -> Sequence[Send]:
        match received.message:
            case Reference() as reference:
                return self._refer(state, reference)
            case Continue(work="answer") as rest:
                return self._continue(state, rest)
            case Tick():
                return ()
            case other:
                raise UnexpectedMessage(self.name, other)

    def _refer(self, state: State, reference: Reference) -> list[Send]:
        self.counts["references"] += 1
        number = reference.number
        place = keys.joined(number, reference.side, reference.key, reference.item_id)
        if not reference.present:
            state.delete(REFERRERS, place)
            return []
        state.put(REFERRERS, place, Referrer(key=reference.key, item_id=reference.item_id))
        return self._answer(state, reference, "")

    def _continue(self, state: State, rest: Continue) -> list[Send]:
        side, key, item_id = keys.split(rest.detail)
        reference = Reference(side=Side(side), key=key, item_id=item_id, number=rest.key)
        if state.get(REFERRERS, keys.joined(rest.key, side, key, item_id)) is None:
            return []  # taken back since
        return self._answer(state, reference, rest.after)

    def _answer(self, state: State, reference: Reference, after: str) -> list[Send]:
        number, asked_by_incident = reference.number, reference.side is Side.INCIDENT
        others = keys.joined(number, Side.ENTRY if asked_by_incident else Side.INCIDENT, "")
        answers: list[Send] = []
        last = after
        for place, other in state.scan(REFERRERS, others, after):
            if len(answers) == self._fan_out:
                detail = keys.joined(reference.side, reference.key, reference.item_id)
                answers.append(Send(self.name, number, Continue(work=ANSWER, key=number, after=last, detail=detail)))
                self.counts["continued"] += 1
                break
            incident = reference if asked_by_incident else other
            found = Found(
                incident_key=incident.key,
                item_id=incident.item_id,
                number=number,
                entry_key=other.key if asked_by_incident else reference.key,
            )
            answers.append(Send(topics.SIGHTINGS, found.incident_key, found))
            last = place
        self.counts["answers"] += len(answers)
        return answers
