"""What a simulation shall hold, and what it holds: events and the truth about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from producers.errors import ProducerError
from schemas.codes import Mode
from schemas.events import Incident, WatchlistEntry


class ImpossiblePlan(ProducerError):
    """The simulation cannot be made as asked; the message says what is missing."""


class Difficulty(StrEnum):
    """How a listed person or thing appears at the border."""

    EXACT = "exact"
    """As listed: a person's name letter by letter, a number sign by sign."""
    REORDERED = "reordered"
    """The words of the name in another order, some with a comma; a number in lower case and with separators."""
    MISSPELT = "misspelt"
    """One or two slips of the pen or habits of transliteration in the name; one sign of a number misread (O for 0)."""
    OTHER_SCRIPT = "other-script"
    """Persons only: the name in another script, as the list itself has it."""
    MIXED = "mixed"
    """Any of the four, drawn for each incident."""


NAMED = (Difficulty.EXACT, Difficulty.REORDERED, Difficulty.MISSPELT, Difficulty.OTHER_SCRIPT)


@dataclass(frozen=True)
class Bureau:
    """A bureau whose border posts report incidents."""

    code: str
    zone: str = "UTC"


@dataclass(frozen=True)
class Plan:
    """What to make. Everything drawn comes from the generator that is passed beside it."""

    bureaus: tuple[Bureau, ...]
    label: str
    """Goes into every id, so that two simulations do not share any: the seed, for example."""
    at: datetime
    """The end of the time that the incidents lie in."""
    spread: timedelta = timedelta(hours=24)
    incidents: int = 200
    share: float = 0.1
    """Share of incidents with a listed person or thing, 0 to 1."""
    difficulty: Difficulty = Difficulty.MIXED
    entries: int = 14
    """Synthetic entries of each bureau, all kinds in turn."""
    exercise: Mode = Mode.ACTUAL


class Truth(BaseModel):
    """One true match, known from how the incident was made."""

    model_config = ConfigDict(frozen=True)

    incident_id: str
    country: str
    """The incident's country."""
    item_id: str
    """subject_id or object_id within the incident."""
    owner: str
    entry_id: str
    difficulty: Difficulty


@dataclass(frozen=True)
class Traffic:
    """A simulation: the synthetic entries (given lists are not repeated), the incidents in order of time, the truth."""

    entries: tuple[WatchlistEntry, ...]
    incidents: tuple[Incident, ...]
    truth: tuple[Truth, ...]
