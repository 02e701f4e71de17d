"""Code lists of the field. Each has UNKNOWN: what a reader sees for a symbol that is newer than its schema."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """Is this real? Only equal modes ever match, and the mode never changes over versions."""

    UNKNOWN = "UNKNOWN"
    ACTUAL = "ACTUAL"
    EXERCISE = "EXERCISE"
    TEST = "TEST"


class Instrument(StrEnum):
    """The kind of watchlist entry."""

    UNKNOWN = "UNKNOWN"
    NOTICE = "NOTICE"
    DIFFUSION = "DIFFUSION"
    DOC_RECORD = "DOC_RECORD"
    VEHICLE_RECORD = "VEHICLE_RECORD"
    FIREARM_RECORD = "FIREARM_RECORD"
    ART_RECORD = "ART_RECORD"
    VESSEL_RECORD = "VESSEL_RECORD"
    NATIONAL = "NATIONAL"


class NoticeType(StrEnum):
    """The colour of an INTERPOL notice."""

    UNKNOWN = "UNKNOWN"
    RED = "RED"
    BLUE = "BLUE"
    GREEN = "GREEN"
    YELLOW = "YELLOW"
    BLACK = "BLACK"
    ORANGE = "ORANGE"
    PURPLE = "PURPLE"
    SILVER = "SILVER"
    UN_SPECIAL = "UN_SPECIAL"


class Threat(StrEnum):
    """The area of crime that an entry is about."""

    UNKNOWN = "UNKNOWN"
    VIOLENT_EXTREMISM = "VIOLENT_EXTREMISM"
    FINANCIAL_CRIME = "FINANCIAL_CRIME"
    DRUG_TRAFFICKING = "DRUG_TRAFFICKING"
    PEOPLE_SMUGGLING = "PEOPLE_SMUGGLING"
    HUMAN_TRAFFICKING = "HUMAN_TRAFFICKING"
    ILLICIT_WEAPONS = "ILLICIT_WEAPONS"
    OTHER = "OTHER"


class Action(StrEnum):
    """What the owner asks for when the subject is met."""

    UNKNOWN = "UNKNOWN"
    ARREST = "ARREST"
    LOCATE = "LOCATE"
    DISCREET_CHECK = "DISCREET_CHECK"
    INQUIRY_CHECK = "INQUIRY_CHECK"
    SPECIFIC_CHECK = "SPECIFIC_CHECK"
    PROTECT = "PROTECT"
    SEIZE = "SEIZE"
    REFUSE_ENTRY = "REFUSE_ENTRY"
    INFORM = "INFORM"


class FrontLineAction(StrEnum):
    """What an officer at a post is told to do: never more than the owner asks for, sometimes less."""

    UNKNOWN = "UNKNOWN"
    ARREST = "ARREST"
    LOCATE = "LOCATE"
    OBSERVE = "OBSERVE"
    """A discreet check: treat as any other traveller, note, and report (domain rule 7)."""
    INTERVIEW = "INTERVIEW"
    SEARCH = "SEARCH"
    PROTECT = "PROTECT"
    SEIZE = "SEIZE"
    REFUSE_ENTRY = "REFUSE_ENTRY"
    INFORM_BUREAU = "INFORM_BUREAU"
    VERIFY_IDENTITY = "VERIFY_IDENTITY"
    """Nothing more before the bureau says so: a victim's identity (domain rule 8), or not sure enough."""


class FrontLineTarget(StrEnum):
    """What the action is about. DOCUMENT: a hit on the document, not an accusation of its holder (domain rule 9)."""

    UNKNOWN = "UNKNOWN"
    PERSON = "PERSON"
    DOCUMENT = "DOCUMENT"
    OBJECT = "OBJECT"


class Warning(StrEnum):
    """What an officer must know before approaching."""

    UNKNOWN = "UNKNOWN"
    ARMED = "ARMED"
    VIOLENT = "VIOLENT"
    ESCAPED = "ESCAPED"
    SUICIDE_RISK = "SUICIDE_RISK"
    HEALTH_THREAT = "HEALTH_THREAT"
    TERROR_RELATED = "TERROR_RELATED"


class EntryStatus(StrEnum):
    """Where a watchlist entry is in its life. Only ACTIVE raises alerts."""

    UNKNOWN = "UNKNOWN"
    DRAFT_IN_REVIEW = "DRAFT_IN_REVIEW"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    WITHDRAWN = "WITHDRAWN"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    EXECUTED = "EXECUTED"
    DELETED = "DELETED"


class NameType(StrEnum):
    """How a person bears a name. MISUSED belongs to a victim and is never indexed (domain rule 8)."""

    UNKNOWN = "UNKNOWN"
    BIRTH = "BIRTH"
    CURRENT = "CURRENT"
    ALIAS = "ALIAS"
    PREVIOUS = "PREVIOUS"
    MISUSED = "MISUSED"


class NameQuality(StrEnum):
    """How well a name identifies."""

    UNKNOWN = "UNKNOWN"
    GOOD = "GOOD"
    LOW = "LOW"


class Sex(StrEnum):
    """Sex as travel documents have it: X unspecified in the document, U unknown."""

    U = "U"
    F = "F"
    M = "M"
    X = "X"


class SubjectKind(StrEnum):
    """A natural person, or an organisation (the UN list calls it an entity)."""

    UNKNOWN = "UNKNOWN"
    PERSON = "PERSON"
    ORGANISATION = "ORGANISATION"


class DocumentType(StrEnum):
    """Kinds of identity, travel and vehicle documents."""

    UNKNOWN = "UNKNOWN"
    PASSPORT = "PASSPORT"
    ID_CARD = "ID_CARD"
    VISA = "VISA"
    RESIDENCE_PERMIT = "RESIDENCE_PERMIT"
    TRAVEL_DOCUMENT = "TRAVEL_DOCUMENT"
    DRIVING_LICENCE = "DRIVING_LICENCE"
    VEHICLE_REGISTRATION = "VEHICLE_REGISTRATION"
    NATIONAL_ID = "NATIONAL_ID"
    OTHER = "OTHER"


class LossStatus(StrEnum):
    """Why an object is on a list."""

    UNKNOWN = "UNKNOWN"
    STOLEN = "STOLEN"
    LOST = "LOST"
    STOLEN_BLANK = "STOLEN_BLANK"
    REVOKED = "REVOKED"
    INVALIDATED = "INVALIDATED"


class IncidentType(StrEnum):
    """What happened."""

    UNKNOWN = "UNKNOWN"
    BORDER_CHECK = "BORDER_CHECK"
    ADVANCE_PASSENGER = "ADVANCE_PASSENGER"
    ARREST = "ARREST"
    SIGHTING = "SIGHTING"
    DOC_PRESENTED = "DOC_PRESENTED"
    DOC_LOSS = "DOC_LOSS"
    VEHICLE_STOP = "VEHICLE_STOP"
    WEAPON_SEIZED = "WEAPON_SEIZED"
    ART_RECOVERED = "ART_RECOVERED"
    PERSON_MISSING = "PERSON_MISSING"
    BODY_FOUND = "BODY_FOUND"
    THREAT = "THREAT"


class CrossingMode(StrEnum):
    """By what the border was crossed."""

    UNKNOWN = "UNKNOWN"
    AIR = "AIR"
    LAND = "LAND"
    RAIL = "RAIL"
    SEA = "SEA"


class Crossing(StrEnum):
    """In which direction."""

    UNKNOWN = "UNKNOWN"
    ENTRY = "ENTRY"
    EXIT = "EXIT"
    TRANSIT = "TRANSIT"


class DetentionBasis(StrEnum):
    """Why somebody is held: HIT_ONLY makes an alert URGENT."""

    UNKNOWN = "UNKNOWN"
    NONE = "NONE"
    HIT_ONLY = "HIT_ONLY"
    OTHER = "OTHER"


class HandlingCode(StrEnum):
    """Europol-style handling codes."""

    UNKNOWN = "UNKNOWN"
    H0 = "H0"
    H1 = "H1"
    H2 = "H2"
    H3 = "H3"


class Tlp(StrEnum):
    """Traffic Light Protocol 2.0 (AMBER_STRICT is written AMBER+STRICT)."""

    UNKNOWN = "UNKNOWN"
    RED = "RED"
    AMBER_STRICT = "AMBER_STRICT"
    AMBER = "AMBER"
    GREEN = "GREEN"
    CLEAR = "CLEAR"


class ReceiversMode(StrEnum):
    """Who may learn of it: everybody, only those named, or everybody except those named."""

    UNKNOWN = "UNKNOWN"
    ALL = "ALL"
    ONLY = "ONLY"
    EXCEPT = "EXCEPT"


class OwnerNotification(StrEnum):
    """SUPPRESSED: the owner of an entry is not told of a match (domain rule 3)."""

    UNKNOWN = "UNKNOWN"
    NORMAL = "NORMAL"
    SUPPRESSED = "SUPPRESSED"


class SourceEvaluation(StrEnum):
    """Reliability of the source (4x4)."""

    UNKNOWN = "UNKNOWN"
    A = "A"
    B = "B"
    C = "C"
    X = "X"


class InformationEvaluation(StrEnum):
    """Reliability of the information (4x4): E1 known true ... E4 cannot be judged."""

    UNKNOWN = "UNKNOWN"
    E1 = "E1"
    E2 = "E2"
    E3 = "E3"
    E4 = "E4"


class Band(StrEnum):
    """How sure a match is. EXACT: an identifier with its issuer. Only a person turns a match into a hit."""

    UNKNOWN = "UNKNOWN"
    EXACT = "EXACT"
    STRONG = "STRONG"
    POSSIBLE = "POSSIBLE"


class Verdict(StrEnum):
    """What one piece of evidence says."""

    UNKNOWN = "UNKNOWN"
    AGREES = "AGREES"
    CLOSE = "CLOSE"
    DIFFERS = "DIFFERS"
    ABSENT = "ABSENT"


class Role(StrEnum):
    """Why a recipient gets an alert."""

    UNKNOWN = "UNKNOWN"
    LOCATOR = "LOCATOR"
    OWNER = "OWNER"
    COORDINATOR = "COORDINATOR"


class Scope(StrEnum):
    """DOMESTIC: the owner met its own entry; nobody else learns of it (domain rule 1)."""

    UNKNOWN = "UNKNOWN"
    CROSS_BORDER = "CROSS_BORDER"
    DOMESTIC = "DOMESTIC"


class Priority(StrEnum):
    """How fast an answer is due: 10 minutes, 1 hour, 12 hours."""

    UNKNOWN = "UNKNOWN"
    URGENT = "URGENT"
    ROUTINE = "ROUTINE"
    SUPPLEMENTARY = "SUPPLEMENTARY"


class AlertStatus(StrEnum):
    """LIVE: the match stands. RETRACTED: it no longer does. WITHDRAWN: the reader lost the right to it (no content)."""

    UNKNOWN = "UNKNOWN"
    LIVE = "LIVE"
    RETRACTED = "RETRACTED"
    WITHDRAWN = "WITHDRAWN"


class WorkflowState(StrEnum):
    """Where the shared answer stands."""

    UNKNOWN = "UNKNOWN"
    OPEN = "OPEN"
    CONFIRM_REQUESTED = "CONFIRM_REQUESTED"
    CONFIRMED = "CONFIRMED"
    NOT_CONFIRMED = "NOT_CONFIRMED"
    CONFIRM_LATER = "CONFIRM_LATER"
    ACTIONED = "ACTIONED"
    CLOSED = "CLOSED"


class ResponseKind(StrEnum):
    """What an officer (or a machine, for receipts) says about an alert."""

    UNKNOWN = "UNKNOWN"
    RECEIPT = "RECEIPT"
    ACKNOWLEDGE = "ACKNOWLEDGE"
    REQUEST_CONFIRMATION = "REQUEST_CONFIRMATION"
    CONFIRM = "CONFIRM"
    NOT_CONFIRM = "NOT_CONFIRM"
    CONFIRM_LATER = "CONFIRM_LATER"
    ACTION_TAKEN = "ACTION_TAKEN"
    CLOSE = "CLOSE"
    REQUEST_DETAILS = "REQUEST_DETAILS"
    """Send a match that a digest counts, or all of a digest's, one by one (domain rule 15)."""
    SUBJECT_SEARCH = "SUBJECT_SEARCH"
    """No answer: somebody at the participant searches for a person in all that it holds. For the auditor alone."""


class AnswerReason(StrEnum):
    """Why a match was not confirmed, or a case closed without action."""

    UNKNOWN = "UNKNOWN"
    DIFFERENT_PERSON = "DIFFERENT_PERSON"
    MISUSED_IDENTITY = "MISUSED_IDENTITY"
    RECORD_STALE = "RECORD_STALE"
    DATA_ERROR = "DATA_ERROR"
    RECOVERED_DOCUMENT = "RECOVERED_DOCUMENT"
    NOT_EXECUTABLE_HERE = "NOT_EXECUTABLE_HERE"


class Outcome(StrEnum):
    """What came of it, for the count of an operation."""

    UNKNOWN = "UNKNOWN"
    LOCATED = "LOCATED"
    ARRESTED = "ARRESTED"
    SEIZED = "SEIZED"
    PROTECTED = "PROTECTED"


class RejectReason(StrEnum):
    """Why an event was refused. The sender finds it in its rejects topic, with the place in the event."""

    UNKNOWN = "UNKNOWN"
    UNDECODABLE = "UNDECODABLE"
    UNKNOWN_SCHEMA = "UNKNOWN_SCHEMA"
    WRONG_EVENT_TYPE = "WRONG_EVENT_TYPE"
    INVALID_FIELD = "INVALID_FIELD"
    TOO_LARGE = "TOO_LARGE"
    """The event, or the batch of records that it came in: one of more than 10,000 records or 100,000 headers, or of
    over 4 MiB unpacked, is refused as a whole by one reject, whose offset is that of its last record; so is what cannot
    be read of one. Or something in the event, which `place` names, has more parts than may be compared: items, names of
    a subject, words of a name, words of all its names."""
    WRONG_KEY = "WRONG_KEY"
    WRONG_PRODUCER = "WRONG_PRODUCER"
    WRONG_COUNTRY = "WRONG_COUNTRY"
    UNKNOWN_PARTICIPANT = "UNKNOWN_PARTICIPANT"
    UNKNOWN_CODE = "UNKNOWN_CODE"
    IMPOSSIBLE_DATE = "IMPOSSIBLE_DATE"
    FROM_THE_FUTURE = "FROM_THE_FUTURE"
    MEANINGLESS_NUMBER = "MEANINGLESS_NUMBER"
    MISSING_SUBJECT = "MISSING_SUBJECT"
    DUPLICATE_ID = "DUPLICATE_ID"
    NOT_HIGHER_VERSION = "NOT_HIGHER_VERSION"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    MODE_CHANGED = "MODE_CHANGED"
    TOO_OLD = "TOO_OLD"
    TOO_WEAK = "TOO_WEAK"
    UNKNOWN_CASE = "UNKNOWN_CASE"
    ILLEGAL_MOVE = "ILLEGAL_MOVE"
    EVENT_ID_REUSED = "EVENT_ID_REUSED"
    SIGNATURE_MISSING = "SIGNATURE_MISSING"
    """Who publishes here must sign, and a header of the signature is not there."""
    BAD_SIGNATURE = "BAD_SIGNATURE"
    """Not this key's signature over this topic, key and value: forged, altered, moved, or made otherwise."""
    UNKNOWN_KEY = "UNKNOWN_KEY"
    """No key of this participant has the id that the message names."""
    KEY_NOT_VALID = "KEY_NOT_VALID"
    """The key did not count yet, or no longer, when the broker appended the message."""
    STALE = "STALE"
    """Signed more than seven days before the broker appended it: sign the same message again."""
    NOT_DELEGATED = "NOT_DELEGATED"
    """Who signed it, whom the event names as the service that published it, and what that one may publish part."""
    NOT_PROCESSED = "NOT_PROCESSED"
    """A defect of ours: the operator finds the fingerprint in the log; publish the event again when it is mended."""
