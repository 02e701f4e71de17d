"""What `cases` keeps: entries, pairs with their alerts, and what falls due when.

Every value is an Avro record on disk, so each field has its meaning written under it.
"""

from __future__ import annotations

from enum import StrEnum

from schemas.alerts import Answer, DigestMember
from schemas.codes import AlertStatus, HandlingCode, Role, Tlp, WorkflowState
from schemas.events import WatchlistEntry
from schemas.internal import IncidentContext
from schemas.model import Model, Timestamp
from schemas.subjects import Object, Subject
from streams.stages import keys
from streams.stages.cases.deadlines import AnswerClock
from streams.stages.contract import Millis, Table
from streams.stages.versions import History


class LinkedEntry(Model):
    """What an entry has heard of the one with which it ends."""

    ended: bool
    """That one has ended."""
    expires_at: Timestamp | None = None
    """When that one ends, or ended."""


class LinkedFrom(Model):
    """An entry ends with another. Key: the other's key, its own."""


class EntryState(Model):
    """An entry at its highest version. Only an ACTIVE one keeps its subject or object and its remarks."""

    entry: WatchlistEntry
    """The entry, without subject, object, remarks and link while it is not ACTIVE."""
    history: History
    """Its versions."""
    passed_at: int
    """When this version passed the gate: milliseconds since 1970."""
    sought_at: int = 0
    """When the version passed the gate since which it looks for the same, in the same time: see `entries.sought_at`."""
    numbers: tuple[str, ...] = ()
    """Every number that it may be referred to by, ascending; more than it has while references are under way."""
    listed: bool = False
    """It is on the persons list."""
    linked: LinkedEntry | None = None
    """How the entry stands with which it ends; None: with none, or not heard yet."""


class Footprint(Model):
    """What is left of a forgotten entry: no lower version may come back while a list still remembers its removal."""

    history: History
    """Its versions."""


class Holder(Model):
    """A participant that was sent an alert, and what it holds."""

    recipient: str
    """Its code."""
    role: Role
    """Why it was sent it last."""
    status: AlertStatus
    """Of what it was sent last. UNKNOWN: nothing was sent yet, the match is counted for it in the pair's digest."""
    view: bytes = b""
    """SHA-256 of the view that it was sent last, without revision and times."""
    sent_at: int = 0
    """When that was decided: milliseconds since 1970; 0: never."""
    shown_at: int | None = None
    """When its first receipt came."""
    acknowledged_at: int | None = None
    """When an officer of it first acknowledged."""
    heard: History = History()
    """Its answers and receipts so far; the version counts them."""


class PairState(Model):
    """An incident's item and an entry that was announced for it, with the alert about them."""

    entry_key: str
    """The entry."""
    incident_key: str
    """The incident."""
    item_id: str
    """subject_id or object_id within it."""
    alert_id: str
    """The alert."""
    context: IncidentContext
    """The incident as it is now."""
    subject: Subject | None = None
    """The person or organisation met; neither this nor `object` is set when the item is ABSENT."""
    object: Object | None = None
    """The thing met."""
    revision: int = 0
    """Changes of any recipient's view so far; 0 is an alert never sent."""
    raised_at: int = 0
    """When the first revision was decided: milliseconds since 1970."""
    changed_at: int = 0
    """When the pair last changed: milliseconds since 1970."""
    holders: tuple[Holder, ...] = ()
    """Everybody who was ever sent it, ascending by code."""
    workflow: WorkflowState = WorkflowState.OPEN
    """Where the shared answer stands; kept while retracted."""
    answers: tuple[Answer, ...] = ()
    """What was answered, oldest first."""
    answers_cut: int = 0
    """Answers dropped or shortened because there were too many or they were too long."""
    clock: AnswerClock = AnswerClock()
    """How long the answer may still take."""
    digest: str = ""
    """Key of the digest that counts it; empty when it is sent by itself."""
    released: bool = False
    """Somebody asked for it: it is never counted in a digest again."""


class HandlingCount(Model):
    """How many of the matches that a digest counts for somebody are to be handled like this."""

    code: HandlingCode
    """Handling code of the incident."""
    tlp: Tlp
    """TLP of the incident."""
    count: int
    """How many."""


class DigestHolder(Holder):
    """A participant for whom a digest counts, or counted, matches.

    All that it is shown and when comes from its own matches: those of others must not be told by a number, a time or
    a stricter handling code (domain rule 2).
    """

    count: int = 0
    """How many it counts for it."""
    keeps_right: bool = True
    """It may still know of the match that left last."""
    handlings: tuple[HandlingCount, ...] = ()
    """How strictly what it counts is to be handled."""
    revision: int = 0
    """Changes of its view so far."""
    raised_at: int = 0
    """When its first match was counted: milliseconds since 1970."""
    due_at: int = 0
    """When its next revision is sent, if anything changed: milliseconds since 1970; 0: nothing did."""

    @classmethod
    def begun(cls, recipient: str, role: Role, now: Millis) -> DigestHolder:
        """One that was sent nothing yet."""
        return cls(recipient=recipient, role=role, status=AlertStatus.UNKNOWN, raised_at=now)


class FloodState(Model):
    """How many POSSIBLE alerts of an entry went out by themselves in an hour. Key: that of the entry."""

    start: int
    """Begin of the hour: milliseconds since 1970."""
    count: int
    """How many."""


class DigestState(Model):
    """A digest of an entry's POSSIBLE matches. Key: that of the entry, begin of the hour, scope."""

    alert_id: str
    """Its own alert."""
    start: int
    """Begin of the hour: milliseconds since 1970."""
    changed_at: int
    """When it last changed: milliseconds since 1970."""
    holders: tuple[DigestHolder, ...] = ()
    """For whom it counts, or counted, ascending by code."""


class MemberState(Model):
    """A match in a digest, for one recipient. Key: that of the digest, the recipient, incident and item."""

    pair: str
    """Key of the pair."""
    shown: DigestMember
    """What the digest says of it."""
    code: HandlingCode
    """Handling code of the incident."""
    tlp: Tlp
    """TLP of the incident."""


class CaseState(Model):
    """Finds the pair of an alert, or the digest that is one."""

    pair: str
    """Key of the pair; empty for a digest."""
    digest: str = ""
    """Key of the digest; empty for a pair."""


class DueKind(StrEnum):
    """What falls due."""

    UNKNOWN = "UNKNOWN"
    FORGET_PAIR = "FORGET_PAIR"
    FORGET_ENTRY = "FORGET_ENTRY"
    FORGET_FOOTPRINT = "FORGET_FOOTPRINT"
    ANSWER = "ANSWER"
    """The answer to a request; in the table DEADLINES."""
    DIGEST = "DIGEST"
    """A holder's next revision of a digest, whose key is the digest's and its code; in the table DEADLINES."""
    FORGET_DIGEST = "FORGET_DIGEST"


class Due(Model):
    """Something to look at when its time has come; whether it is still due is decided then."""

    kind: DueKind
    """What to do."""
    key: str
    """Key of the pair or entry."""


class PendingProbe(Model):
    """An entry that was listed and waits for a shared Probe."""

    entry_version: int
    """Version listed."""


class Totals(Model):
    """Counts of this partition, for metrics. One record, so that they are exact whatever is repeated or aborted."""

    entries: int = 0
    """Entries known."""
    pairs: int = 0
    """Pairs kept."""
    live: int = 0
    """Alerts that somebody holds as LIVE."""
    sent_live: int = 0
    """Alerts sent as LIVE, revisions included."""
    sent_retracted: int = 0
    """Retractions sent."""
    sent_withdrawn: int = 0
    """Withdrawals sent to those who lost the right."""
    repeats: int = 0
    """Records ignored because the gate had said them before."""
    duplicates: int = 0
    """Events that said nothing new."""
    rejected: int = 0
    """Events refused."""
    digested: int = 0
    """Matches that are counted in digests and not sent by themselves."""
    answers: int = 0
    """Answers, acknowledgements and receipts taken in."""
    requested_again: int = 0
    """Second and third requests, made because no answer came in time."""
    escalated: int = 0
    """Cases escalated to ccc because no answer came in time."""
    forgotten: int = 0
    """Pairs and entries forgotten."""
    prompt_probes: int = 0
    """Entries probed at once since the last Tick."""
    pending_probes: int = 0
    """Entries that wait for a shared Probe."""


def pair_key(entry: str, incident: str, item_id: str) -> str:
    """State key of a pair: an entry's pairs stand together."""
    return keys.joined(entry, incident, item_id)


ENTRIES = Table("entry", EntryState)
FOOTPRINTS = Table("footprint", Footprint)
LINKS = Table("link", LinkedFrom)
PAIRS = Table("pair", PairState)
CASES = Table("case", CaseState)
FLOODS = Table("flood", FloodState)
DIGESTS = Table("digest", DigestState)
MEMBERS = Table("member", MemberState)
DUE = Table("due", Due)
"""What is to be forgotten, by time."""
DEADLINES = Table("deadline", Due)
"""What somebody waits for, by time: apart from DUE, so that however much is to be forgotten delays no answer."""
PROBES = Table("probe", PendingProbe)
TOTALS = Table("totals", Totals)
