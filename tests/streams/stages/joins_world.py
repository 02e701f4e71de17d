"""One partition of sightings and one of identifiers to talk to, with a watchlist that a test fills."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from stages_events import T0, gated, person

from schemas.alerts import Reject
from schemas.codes import RejectReason
from schemas.events import Incident
from schemas.internal import Candidate, Continue, EntryVersion, ListedPerson, Probe, Reference, Tick
from schemas.model import timestamp
from streams.stages.contract import Received, Send
from streams.stages.memory import MemoryState
from streams.stages.rules import SightingsRules
from streams.stages.sightings import Sightings
from streams.stages.watchlist import Watchlist


class Joins:
    """A partition of sightings. `say` hands it one message and returns what it says."""

    def __init__(self, **rules: Any) -> None:
        self.rules = SightingsRules(**rules)
        self.watchlist = Watchlist()
        self.state = MemoryState()
        self.stage = Sightings(0, self.watchlist, 1, self.rules)
        self.now = T0
        self.offset = 0

    def restart(self) -> None:
        """A new worker with the same state and list."""
        self.stage = Sightings(0, self.watchlist, 1, self.rules)
        self.stage.restore(self.state)

    def received(self, message: BaseModel) -> Received:
        self.offset += 1
        return Received("sightings", 0, self.offset, self.now, "", message)

    def say(self, message: BaseModel) -> list[Send]:
        return list(self.stage.step(self.state, self.received(message), self.now))

    def publish(self, event: Incident, offset: int | None = None) -> list[Send]:
        self.offset += 1
        return self.say(gated(event, self.offset if offset is None else offset))

    def list(self, entry: str, name: str, version: int = 1) -> None:
        listed = ListedPerson(entry_version=version, subject=person(name, item_id="listed"))
        self.watchlist.apply(entry, listed, version, self.now)

    def probe(self, *entries: str, version: int = 1) -> list[Send]:
        return self.say(Probe(entries=tuple(EntryVersion(entry_key=it, entry_version=version) for it in entries)))

    def tick(self, later: int = 0) -> list[Send]:
        self.now += later
        return self.say(Tick(at=timestamp(self.now)))

    def finish(self, said: list[Send]) -> list[Send]:
        """What is said after every Continue (and rest of a Probe) has been followed up, without these."""
        done: list[Send] = []
        rest = list(said)
        while rest:
            send = rest.pop(0)
            if send.topic == "sightings" and send.message is not None:
                rest += self.say(send.message)
            else:
                done.append(send)
        return done


def candidates(said: list[Send]) -> list[tuple[str, str, str]]:
    """Entry, item, and the name, the number or ABSENT, of each Candidate."""
    found = []
    for send in said:
        if isinstance(it := send.message, Candidate):
            name = it.subject.names[0].full if it.subject and it.subject.names else None
            number = it.object.document.number if it.object and it.object.document else None
            found.append((it.entry_key, it.item_id, name or number or ("nameless" if it.subject else "ABSENT")))
    return found


def references(said: list[Send]) -> list[tuple[str, str, bool]]:
    """Item, number and presence of each Reference."""
    return [(it.item_id, it.number, it.present) for send in said if isinstance(it := send.message, Reference)]


def rejects(said: list[Send]) -> list[tuple[RejectReason, str]]:
    """Reason and place of each Reject."""
    return [(it.reason, it.place) for send in said if isinstance(it := send.message, Reject)]


def continues(said: list[Send]) -> int:
    """How many Continue records."""
    return sum(isinstance(send.message, Continue) for send in said)
