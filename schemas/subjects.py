"""Who and what: persons, organisations, documents and objects, the same on both sides of a match."""

from __future__ import annotations

from schemas.codes import DocumentType, LossStatus, NameQuality, NameType, Sex, SubjectKind
from schemas.model import Model


class Name(Model):
    """One name of a person or organisation, as it was given."""

    full: str
    """The whole name in the order in which it was given."""
    type: NameType = NameType.CURRENT
    """How the person bears it; MISUSED belongs to a victim."""
    quality: NameQuality = NameQuality.GOOD
    """LOW: an alias that alone identifies nobody."""
    given: str | None = None
    """Given names, where the source tells them apart."""
    family: str | None = None
    """Family name, where there is one and the source tells it apart. Nobody needs one."""
    script: str | None = None
    """ISO 15924 code of the script (Latn, Arab, Beng, ...); None where not said."""
    truncated: bool = False
    """The source may have cut it (an MRZ holds 39 characters)."""


class BirthDate(Model):
    """A date of birth with any part unknown, or a range of years. Several may be given; any may be the true one."""

    year: int | None = None
    """Year; of a range, the first."""
    month: int | None = None
    """Month 1-12; None where unknown."""
    day: int | None = None
    """Day 1-31; None where unknown."""
    year_to: int | None = None
    """Last year of a range; None where it is no range."""
    approximate: bool = False
    """The source says about."""


class Place(Model):
    """A place, as far as it is known."""

    country: str | None = None
    """ISO 3166-1 alpha-2 in lower case; None where unknown or no longer a country."""
    text: str | None = None
    """The place in the source's words."""


class Document(Model):
    """An identity, travel or vehicle document, or another number of a person."""

    type: DocumentType = DocumentType.UNKNOWN
    """Kind of document."""
    number: str = ""
    """Number as it was given."""
    country: str | None = None
    """Issuer: ISO 3166-1 alpha-2 in lower case, or a participant's code for others; None where unknown."""


class Subject(Model):
    """A person or an organisation, on a list or met."""

    subject_id: str
    """Stable within its incident or entry."""
    kind: SubjectKind = SubjectKind.PERSON
    """Person or organisation."""
    names: tuple[Name, ...] = ()
    """Every known name."""
    births: tuple[BirthDate, ...] = ()
    """Possible dates of birth."""
    sex: Sex = Sex.U
    """Sex."""
    nationalities: tuple[str, ...] = ()
    """ISO 3166-1 alpha-2 in lower case."""
    birth_place: Place | None = None
    """Place of birth."""
    documents: tuple[Document, ...] = ()
    """Documents and personal numbers."""


class Vehicle(Model):
    """A road vehicle."""

    vin: str | None = None
    """Vehicle identification number (ISO 3779)."""
    plate: str | None = None
    """Registration plate as it was given."""
    country: str | None = None
    """Country of registration, ISO 3166-1 alpha-2 in lower case."""
    make: str | None = None
    """Make and model in words."""


class Firearm(Model):
    """A firearm (iARMS identifies it by serial, make, model and calibre together)."""

    serial: str | None = None
    """Serial number."""
    make: str | None = None
    """Manufacturer."""
    model: str | None = None
    """Model."""
    calibre: str | None = None
    """Calibre as marked."""


class Vessel(Model):
    """A ship or boat."""

    imo: str | None = None
    """IMO number, seven digits, the last a check digit."""
    mmsi: str | None = None
    """Maritime Mobile Service Identity, nine digits."""
    name: str | None = None
    """Name."""
    flag: str | None = None
    """Flag state, ISO 3166-1 alpha-2 in lower case."""


class Artwork(Model):
    """A work of art."""

    reference: str | None = None
    """Reference of a register (for example of the INTERPOL database of stolen works of art)."""
    title: str | None = None
    """Title."""
    artist: str | None = None
    """Artist."""


class Object(Model):
    """A thing on a list or met: exactly one of the five is set."""

    object_id: str
    """Stable within its incident or entry."""
    document: Document | None = None
    """A document. On a list it carries no name (SLTD rule)."""
    vehicle: Vehicle | None = None
    """A vehicle."""
    firearm: Firearm | None = None
    """A firearm."""
    vessel: Vessel | None = None
    """A vessel."""
    artwork: Artwork | None = None
    """A work of art."""
    loss_status: LossStatus = LossStatus.UNKNOWN
    """Why it is on a list."""
