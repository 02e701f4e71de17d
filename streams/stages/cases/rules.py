"""The bounds and ages of the stage `cases`: what a deployment may set."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.topics import DAY, HOUR, KIB, MINUTE
from streams.stages.cases.deadlines import Deadlines


@dataclass(frozen=True, slots=True)
class CasesRules:
    """Bounds of one step, ages in milliseconds, sizes in bytes. The defaults are those of the architecture."""

    pair_age: int = 121 * DAY
    """A pair is forgotten this long after its last change: not before `sightings` has forgotten the incident (120
    days), so that a late correction finds the alert that it changes."""
    deleted_entry_age: int = 24 * HOUR
    """An entry is forgotten this long after it became DELETED; its versions alone stay for `footprint_age`."""
    footprint_age: int = 31 * DAY
    """Longer than tombstones of the persons topic (14 days) and the age of a worker's copy of it."""
    open_numbers: int = 2_000
    """Numbers of an entry that may wait to be taken back, as versions follow faster than that is done; beyond it the
    step itself takes them back."""
    pairs_per_step: int = 60
    """Pairs of an entry judged in one step; up to six outputs each. The rest goes on by a Continue record."""
    references_per_step: int = 200
    """Numbers of an entry announced in one step. The rest goes on by a Continue record."""
    links_per_step: int = 200
    """Entries that end with one entry, told in one step how it stands. The rest goes on by a Continue record."""
    possible_per_hour: int = 20
    """POSSIBLE alerts of an entry that go out by themselves in an hour; the rest is counted in a digest."""
    digest_every: int = MINUTE
    """A digest is revised no oftener than this, but when somebody loses the last match in it."""
    digest_listed: int = 500
    """Matches that a digest lists; it counts all."""
    deadlines: Deadlines = field(default_factory=Deadlines)
    """How long answers may take."""
    due_per_tick: int = 200
    """Due items handled by one Tick. The rest waits for the next."""
    deadlines_per_tick: int = 60
    """Deadlines handled by one Tick; up to seven outputs each. The rest waits for the next."""
    prompt_probes: int = 5
    """Entries probed at once between two Ticks; what comes faster (a list being loaded) waits for a shared Probe."""
    entries_per_probe: int = 500
    """Entries that share a Probe at most."""
    view_size: int = 200 * KIB
    """A view longer than this is clipped; the topic's limit is 256 KiB."""
    answers_per_case: int = 50
    """Answers kept and shown; the oldest go first."""
    answer_text: int = 2000
    """Characters kept of an answer's free text."""
