"""Keys and identifiers of the stages: unambiguous because the gate lets only :func:`usable_id` through.

Every key begins with the mode, so nothing of an exercise can ever meet anything real (invariant 8, domain rule 14).
"""

from __future__ import annotations

import re
import uuid
from typing import NamedTuple

from schemas.codes import Mode
from schemas.partition import partition_of
from streams.stages.errors import MalformedKey

SEPARATOR = "\x1f"
"""Between the parts of a composite state key. No part holds it: the gate refuses control characters everywhere."""
LONGEST_ID = 128
"""Characters of an identifier that a producer chooses."""

_ID = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._/+@=~#-]{{0,{LONGEST_ID - 1}}}", re.ASCII)
_ALERTS = uuid.UUID("8d1f4c0e-6f0b-5c5e-9a53-1f7f0c3f6b1d")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_CASE_REF = re.compile(rf"(0|[1-9][0-9]{{0,5}})-({_UUID.pattern})")


class Key(NamedTuple):
    """The parts of an incident key or an entry key."""

    mode: Mode
    participant: str
    """The incident's producer, or the entry's owner."""
    id: str
    """incident_id or entry_id."""

    def __str__(self) -> str:
        return f"{self.mode}:{self.participant}:{self.id}"


def usable_id(text: str) -> bool:
    """May `text` be an incident_id, entry_id, subject_id or object_id?

    1 to 128 ASCII letters, digits and ``._/+@=~#-``, the first a letter or digit: they are parts of keys, are shown
    on terminals and stand in addresses, so no colon, no space, no control character.
    """
    return _ID.fullmatch(text) is not None


def incident_key(mode: Mode, producer: str, incident_id: str) -> str:
    """Key of an incident: ``MODE:producer:incident_id``."""
    return f"{mode}:{producer}:{incident_id}"


def entry_key(mode: Mode, owner: str, entry_id: str) -> str:
    """Key of a watchlist entry: ``MODE:owner:entry_id``."""
    return f"{mode}:{owner}:{entry_id}"


def parse(key: str) -> Key:
    """The parts of an incident key or an entry key. Raises MalformedKey."""
    parts = key.split(":")
    if len(parts) != 3 or parts[0] not in Mode.__members__ or not parts[1] or not usable_id(parts[2]):
        raise MalformedKey("incident key or entry key")
    return Key(Mode(parts[0]), parts[1], parts[2])


def mode_of(key: str) -> Mode:
    """The mode that an incident key, an entry key or a number key begins with. Raises MalformedKey."""
    mode = re.split("[:|]", key, maxsplit=1)[0]
    if mode not in Mode.__members__:
        raise MalformedKey("key with a mode")
    return Mode(mode)


def joined(*parts: str) -> str:
    """A composite state key of `parts`, in order; as a prefix for scans end it with an empty part."""
    return SEPARATOR.join(parts)


def split(key: str) -> list[str]:
    """The parts of a composite state key."""
    return key.split(SEPARATOR)


def alert_id(incident: str, item_id: str, entry: str) -> str:
    """The alert of an incident's item and an entry, by their keys: the same however often it is raised (invariant 3).

    uuid5 of mode, producer, incident_id, subject_id or object_id, owner and entry_id. Raises MalformedKey.
    """
    met, listed = parse(incident), parse(entry)
    parts = (met.mode, met.participant, met.id, item_id, listed.participant, listed.id)
    return str(uuid.uuid5(_ALERTS, SEPARATOR.join(parts)))


def digest_id(entry: str, start: int, scope: str) -> str:
    """The alert of the digest of an entry's matches in the hour that begins at `start` (milliseconds since 1970)."""
    listed = parse(entry)
    parts = ("digest", listed.mode, listed.participant, listed.id, str(start), scope)
    return str(uuid.uuid5(_ALERTS, SEPARATOR.join(parts)))


def encounter(incident: str, item_id: str) -> str:
    """What alerts about the same item of an incident share (``MODE:producer:incident_id:item_id``)."""
    return f"{incident}:{item_id}"


class CaseRef(NamedTuple):
    """Where a case is kept, and which it is. As text it is what an answer repeats."""

    partition: int
    """Partition of `cases` that owns the entry."""
    alert_id: str

    def __str__(self) -> str:
        return f"{self.partition}-{self.alert_id}"


def case_ref(entry: str, alert: str, partitions: int) -> str:
    """The case_ref of an alert about the entry with key `entry`, where `cases` has `partitions` partitions."""
    return str(CaseRef(partition_of(entry, partitions), alert))


def search_ref(event_id: str, partitions: int) -> str:
    """The case_ref of a message that is about no case (SUBJECT_SEARCH): it goes where it is recorded."""
    return str(CaseRef(partition_of(event_id, partitions), str(uuid.uuid5(_ALERTS, event_id))))


def read_case_ref(text: str, partitions: int) -> CaseRef:
    """What `text` refers to. Raises MalformedKey, also for a partition that is not there."""
    found = _CASE_REF.fullmatch(text)
    if found is None or int(found[1]) >= partitions:
        raise MalformedKey("case_ref")
    return CaseRef(int(found[1]), found[2])
