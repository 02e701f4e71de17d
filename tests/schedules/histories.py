"""Random histories: what a few bureaus publish, version after version, good and bad, from small pools."""

from __future__ import annotations

import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import (
    Action,
    DocumentType,
    EntryStatus,
    IncidentType,
    Instrument,
    Mode,
    NameType,
    OwnerNotification,
    ReceiversMode,
    RejectReason,
)
from schemas.envelope import Handling
from schemas.events import Incident, Location, WatchlistEntry
from schemas.model import timestamp
from schemas.participants import Participant, Participants
from schemas.partition import partition_of
from schemas.public_keys import SignaturePolicy
from schemas.subjects import BirthDate, Document, Name, Object, Subject, Vehicle

PARTITIONS = 2
START = 1_780_000_000_000
DAY = 86_400_000
CODEC = Codec(LocalSchemaIds())
BUREAUS = ("bd", "in")
OWNERS = ("fr", "un", "bd")
PARTICIPANTS = Participants(
    members={
        code: Participant(code=code, name=code.upper(), kind=kind, partitions=2)
        for code, kind in (
            ("bd", "bureau"),
            ("in", "bureau"),
            ("fr", "bureau"),
            ("un", "organisation"),
            ("ccc", "coordinator"),
        )
    },
    partitions=PARTITIONS,
    signatures=SignaturePolicy.WHERE_DECLARED,
)
_ALL_NAMES = (
    "Karim Uddin Ahmed",
    "Ahmed Karim Uddin",
    "Jeanne Marie Durand",
    "Jeanne Marie Durant",
    "Tenzin Wangchuk Dorji",
)
_BIRTHS = (
    (),
    (BirthDate(year=1980, month=5, day=17),),
    (BirthDate(year=1980),),
    (BirthDate(year=1961, month=2, day=3),),
)
_ALL_NUMBERS = ("AO123B5X", "A0123BSX", "K7704418", "M5550923")
_PLATES = ("DHK-1234", "DHK1234", "KA05MN7788")
_COUNTRIES = ("fr", None)
_STATUSES = (EntryStatus.ACTIVE,) * 6 + (
    EntryStatus.SUSPENDED,
    EntryStatus.WITHDRAWN,
    EntryStatus.DRAFT_IN_REVIEW,
    EntryStatus.DELETED,
)


@dataclass(frozen=True, slots=True)
class Pools:
    """What one kind of event draws from: the fewer, the more often the two sides meet."""

    rng: random.Random
    names: Sequence[str]
    numbers: Sequence[str]
    ids: int
    plates: Sequence[str] = _PLATES
    start: int = START
    """When it is all published, milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Published:
    """One record of a country topic; its offset is its place in the feed."""

    key: bytes
    value: bytes
    refused: RejectReason | None = None
    """Why it must be refused; None: it must not."""


@dataclass(slots=True)
class History:
    """What is published, and what counts in the end."""

    feeds: dict[tuple[str, int], list[Published]] = field(default_factory=lambda: defaultdict(list))
    """By topic and partition."""
    last: dict[tuple[str, str, str, Mode], Incident | WatchlistEntry] = field(default_factory=dict)
    """The last good version of each incident and entry."""
    duplicates: int = 0
    """Events that say again what was said, by their sender's doing."""
    order: list[tuple[str, int]] = field(default_factory=list)
    """The feed of each record, in the order of publication."""

    def publish(self, feed: tuple[str, int], record: Published) -> None:
        """Add a record to the end of `feed`."""
        self.feeds[feed].append(record)
        self.order.append(feed)


class Writer:
    """Writes a random history, in the order in which senders publish, and goes on with it when asked."""

    def __init__(
        self,
        rng: random.Random,
        pools: Mapping[str, Pools] | None = None,
        kinds: Sequence[str] = ("incidents", "watchlist"),
        bad: float = 0.15,
    ) -> None:
        """`pools` by kind of event; drawn small and shared, so that much meets, where none are given.

        `kinds`: of which the kind of each event is drawn. `bad`: share of events beside which something bad goes out.
        """
        self._rng, self._kinds, self._bad = rng, kinds, bad
        self._pools = pools or dict.fromkeys(kinds, _small(rng))
        self._versions: Counter[tuple[str, str, str, Mode]] = Counter()
        self.made = History()
        """What was written so far."""

    def write(self, count: int) -> None:
        """Add `count` good events, new versions of earlier ones among them, and some bad ones."""
        for _ in range(count):
            self._write_one(self._rng)

    def _write_one(self, rng: random.Random) -> None:
        kind = rng.choice(self._kinds)
        producer = rng.choice(BUREAUS if kind == "incidents" else OWNERS)
        mode = Mode.ACTUAL if rng.random() < 0.85 else Mode.EXERCISE
        who = (kind, producer, str(rng.randrange(self._pools[kind].ids)), mode)
        self._versions[who] += rng.choice((1, 1, 3))
        make = _incident if kind == "incidents" else _entry
        event = make(self._pools[kind], who, self._versions[who])
        if (before := self.made.last.get(who)) is not None and rng.random() < 0.7:
            event = _corrected(rng, before, event)
        self.made.last[who] = event
        _publish(self.made, event)
        if rng.random() < self._bad:
            _publish_badly(rng, self.made, event)


def _small(rng: random.Random) -> Pools:
    names = rng.sample(_ALL_NAMES, rng.randrange(1, len(_ALL_NAMES) + 1))
    numbers = rng.sample(_ALL_NUMBERS, rng.randrange(1, len(_ALL_NUMBERS) + 1))
    return Pools(rng, tuple(names), tuple(numbers), rng.randrange(1, 3))


def _corrected(
    rng: random.Random, before: Incident | WatchlistEntry, new: Incident | WatchlistEntry
) -> Incident | WatchlistEntry:
    """`before` with its identity and one thing of `new`: most corrections change little."""
    changed: tuple[str, ...]
    if isinstance(before, Incident):
        changed = rng.choice((("subjects",), ("objects",), ("handling",), ("occurred_at",)))
    else:
        validity = ("expires_at",)
        changed = rng.choice(
            (("subject", "object"), ("status",), validity, validity, validity, ("handling",), ("linked_entry",))
        )
    identity = ("event_id", "incident_version" if isinstance(before, Incident) else "entry_version")
    return before.model_copy(update={name: getattr(new, name) for name in (*identity, *changed)})


def _publish(made: History, event: Incident | WatchlistEntry, refused: RejectReason | None = None) -> None:
    kind, key = ("incidents", event.incident_id) if isinstance(event, Incident) else ("watchlist", event.entry_id)
    if isinstance(event, WatchlistEntry) and event.status is EntryStatus.DELETED:
        event = event.model_copy(update={"subject": None, "object": None})  # else the gate refuses it
    feed = (f"{kind}.{event.producer}", partition_of(key, 2))
    made.publish(feed, Published(key.encode(), CODEC.encode(event), refused))


def _publish_badly(rng: random.Random, made: History, event: Incident | WatchlistEntry) -> None:
    again = event.model_copy(update={"event_id": event_id(rng)})
    number = "incident_version" if isinstance(event, Incident) else "entry_version"
    match rng.randrange(7):
        case 0:
            _publish(made, event)
            made.duplicates += 1
        case 1:
            _publish(made, again)
            made.duplicates += 1
        case 2:
            _publish(made, again.model_copy(update={"language": "bn"}), RejectReason.VERSION_CONFLICT)
        case 3:
            _publish(made, event.model_copy(update={"language": "bn"}), RejectReason.EVENT_ID_REUSED)
        case 4:
            if (version := getattr(event, number)) > 2:
                older = again.model_copy(update={number: version - 1})
                _publish(made, older, RejectReason.NOT_HIGHER_VERSION)
        case 5:
            (topic, _) = rng.choice(list(made.feeds))
            nonsense = Published(b"x", b"\x00\x00\x00\x00\x01oops", RejectReason.UNDECODABLE)
            made.publish((topic, partition_of("x", 2)), nonsense)
        case 6:
            if isinstance(event, Incident):
                long_ago = timestamp(round(event.recorded_at.timestamp() * 1000) - 200 * DAY)
                forgotten = {"incident_id": "forgotten", number: 2, "occurred_at": long_ago}
                _publish(made, again.model_copy(update=forgotten), RejectReason.TOO_OLD)


def event_id(rng: random.Random) -> str:
    """A UUIDv7 drawn from `rng`."""
    bits = rng.getrandbits(128) & ~(0xF << 76) | (0x7 << 76)
    return str(uuid.UUID(int=bits & ~(0x3 << 62) | (0x2 << 62)))


def _incident(pools: Pools, who: tuple[str, str, str, Mode], version: int) -> Incident:
    (_, producer, number, mode) = who
    rng = pools.rng
    least = 1 if version == 1 else 0
    ids = rng.sample(("s1", "s2", "o1"), max(least, rng.choice((0, 1, 1, 2, 3))))
    return Incident(
        event_id=event_id(rng),
        producer=producer,
        occurred_at=timestamp(pools.start - rng.choice((0, 0, DAY))),
        recorded_at=timestamp(pools.start),
        exercise=mode,
        handling=_handling(rng),
        incident_id=f"I{number}",
        incident_version=version,
        incident_type=IncidentType.BORDER_CHECK,
        location=Location(country=producer),
        subjects=tuple(_subject(pools, item_id) for item_id in ids if item_id[0] == "s"),
        objects=tuple(_object(pools, item_id) for item_id in ids if item_id[0] == "o"),
    )


def _entry(pools: Pools, who: tuple[str, str, str, Mode], version: int) -> WatchlistEntry:
    (_, owner, number, mode) = who
    rng = pools.rng
    about_person = rng.random() < 0.6
    return WatchlistEntry(
        event_id=event_id(rng),
        producer=owner,
        occurred_at=timestamp(pools.start),
        recorded_at=timestamp(pools.start),
        exercise=mode,
        handling=_handling(rng),
        entry_id=f"E{number}",
        entry_version=version,
        instrument=Instrument.NATIONAL,
        action=Action.INFORM,
        status=rng.choice(_STATUSES),
        expires_at=timestamp(pools.start - DAY // 2) if rng.random() < 0.4 else None,
        subject=_subject(pools, "listed") if about_person else None,
        object=None if about_person else _object(pools, "listed"),
        linked_entry=f"E{int(number) ^ 1}" if not about_person and rng.random() < 0.6 else None,
    )


def _handling(rng: random.Random) -> Handling:
    suppressed = rng.random() < 0.1
    return Handling(
        receivers_mode=(mode := rng.choice((ReceiversMode.ALL,) * 5 + (ReceiversMode.ONLY, ReceiversMode.EXCEPT))),
        receivers=() if mode is ReceiversMode.ALL else (rng.choice(PARTICIPANTS.codes),),
        owner_notification=OwnerNotification.SUPPRESSED if suppressed else OwnerNotification.NORMAL,
    )


def _subject(pools: Pools, subject_id: str) -> Subject:
    rng = pools.rng
    types = (NameType.CURRENT, NameType.CURRENT, NameType.ALIAS, NameType.MISUSED)
    names = [
        Name(full=name, type=rng.choice(types))
        for name in rng.sample(pools.names, min(len(pools.names), rng.choice((0, 1, 1, 2))))
    ]
    documents = [_document(pools) for _ in range(rng.randrange(3))]
    if not documents and all(name.type is NameType.MISUSED for name in names):
        names.append(Name(full=rng.choice(pools.names)))
    return Subject(subject_id=subject_id, names=tuple(names), births=rng.choice(_BIRTHS), documents=tuple(documents))


def _object(pools: Pools, object_id: str) -> Object:
    rng = pools.rng
    if rng.random() < 0.6:
        return Object(object_id=object_id, document=_document(pools))
    return Object(object_id=object_id, vehicle=Vehicle(plate=rng.choice(pools.plates), country=rng.choice(_COUNTRIES)))


def _document(pools: Pools) -> Document:
    rng = pools.rng
    number, country = rng.choice(pools.numbers), rng.choice(_COUNTRIES)
    return Document(type=rng.choice((DocumentType.PASSPORT, DocumentType.ID_CARD)), number=number, country=country)
