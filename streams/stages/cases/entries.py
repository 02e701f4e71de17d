"""A watchlist entry at a new version: what is kept, what the joins are told, which pairs are judged again.

The same entry_id in another mode is another entry: the mode is in the key, and the two never meet, so a changed mode
cannot be told from a new entry and harms nobody.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.codes import EntryStatus, NameType
from schemas.events import WatchlistEntry
from schemas.internal import Ending, GatedEntry, ListedPerson, Reference, Side
from schemas.model import millis
from schemas.subjects import Object, Subject
from schemas.topics import IDENTIFIERS, PERSONS
from streams.stages import keys
from streams.stages.cases import freshness, probes
from streams.stages.cases.alerts import judge_entry
from streams.stages.cases.audit import audited, refused
from streams.stages.cases.links import link, linked_key, tell_linked
from streams.stages.cases.records import ENTRIES, FOOTPRINTS, DueKind, EntryState, Footprint, LinkedEntry
from streams.stages.cases.running import Step
from streams.stages.contract import Millis, Send
from streams.stages.versions import History, Judgement, Standing, judge

REFERENCES_OF_ENTRY = "references"
"""The work of announcing the rest of an entry's numbers."""


def on_entry(step: Step, gated: GatedEntry) -> None:
    """Take a version in, or say why not. Repeats of the gate are ignored, duplicates counted."""
    entry, source = gated.entry, gated.source
    key = keys.entry_key(entry.exercise, entry.producer, entry.entry_id)
    before = step.state.get(ENTRIES, key)
    footprint = None if before else step.state.get(FOOTPRINTS, key)
    history = before.history if before else footprint.history if footprint else History()
    version = judge(history, source, entry.event_id, entry.entry_version, gated.content)
    if version.standing is not Standing.NEWER:
        _nothing_new(step, gated, key, before, version)
        if footprint is not None:
            step.state.put(FOOTPRINTS, key, Footprint(history=version.history))
        return
    if footprint is not None:
        step.state.delete(FOOTPRINTS, key)
    numbers = _numbers(step, entry)
    still = [number for number in (before.numbers if before else ()) if number not in numbers]
    room = max(0, step.setting.rules.open_numbers - len(numbers))
    _take_back(step, key, still[room:])
    after = EntryState(
        entry=_kept(entry),
        history=version.history,
        passed_at=step.appended_at,
        sought_at=sought_at(before, entry, step.appended_at),
        numbers=tuple(sorted({*still[:room], *numbers})),
        listed=_listed(entry) is not None,
    )
    if before is not None and linked_key(before.entry) == linked_key(after.entry):
        after = after.model_copy(update={"linked": before.linked})
    freshness.changed(step, entry)
    step.state.put(ENTRIES, key, after)
    what = "DELETED" if entry.status is EntryStatus.DELETED else "PUBLISHED"
    audited(step, entry.producer, what, detail=f"{key}:{entry.entry_version}")
    if before is None:
        step.count("entries")
    if entry.status is EntryStatus.DELETED:
        step.remind(step.now + step.setting.rules.deleted_entry_age, DueKind.FORGET_ENTRY, key)
    refer(step, key, after)
    _list(step, key, entry, was_listed=before is not None and before.listed)
    link(step, key, before.entry if before is not None else None, after.entry)
    tell_linked(step, key, entry.entry_version)
    judge_entry(step, key, entry.entry_version)


def sought_at(before: EntryState | None, entry: WatchlistEntry, passed_at: Millis) -> Millis:
    """Since when whom or what `entry`, which passed the gate at `passed_at`, is about is looked for as it now says.

    That decides whether an alert is RETROSPECTIVE (domain rule 6). A version that only changes the action, remarks or
    handling, or that renews the entry before it expires, does not make a meeting of last hour look as if the subject
    was not yet sought then.
    """

    def sought(one: WatchlistEntry) -> tuple[object, ...]:
        return one.status, one.subject, one.object, one.valid_from

    if before is None or sought(before.entry) != sought(entry):
        return passed_at
    ended = before.entry.expires_at
    return passed_at if ended is not None and millis(ended) <= passed_at else before.sought_at


def on_ending(step: Step, said: Ending) -> None:
    """The entry with which one of ours ends has told how it stands: judge ours again.

    Its numbers are announced again, as with a version of its own: pairs that it could not alert were forgotten.
    """
    key, heard = said.entry_key, LinkedEntry(ended=said.ended, expires_at=said.expires_at)
    entry = step.state.get(ENTRIES, key)
    if entry is None or linked_key(entry.entry) != said.linked_key or entry.linked == heard:
        return
    step.state.put(ENTRIES, key, entry := entry.model_copy(update={"linked": heard}))
    refer(step, key, entry)
    judge_entry(step, key, entry.entry.entry_version)


def refer(step: Step, key: str, entry: EntryState, after: str = "") -> None:
    """Announce every number of the entry again and take back those that it no longer has, from `after` on.

    Again, because a pair that never matched was forgotten: only the identifiers bring it back. What one step cannot
    take is left to a Continue record; until then `numbers` holds whatever may still have to be taken back.
    """
    most = step.setting.rules.references_per_step
    current = _numbers(step, entry.entry)
    rest = [number for number in entry.numbers if number > after]
    for number in rest[:most]:
        reference = Reference(side=Side.ENTRY, key=key, number=number, present=number in current)
        step.say(Send(IDENTIFIERS, number, reference))
    if len(rest) > most:
        step.go_on(REFERENCES_OF_ENTRY, key, entry.entry.entry_version, rest[most - 1])
    elif len(current) != len(entry.numbers):
        step.state.put(ENTRIES, key, entry.model_copy(update={"numbers": tuple(sorted(current))}))


def _take_back(step: Step, key: str, numbers: Sequence[str]) -> None:
    for number in numbers:
        step.say(Send(IDENTIFIERS, number, Reference(side=Side.ENTRY, key=key, number=number, present=False)))


def _nothing_new(step: Step, gated: GatedEntry, key: str, before: EntryState | None, version: Judgement) -> None:
    if version.standing is Standing.REPEAT:
        step.count("repeats")
        return
    if version.standing is Standing.DUPLICATE:
        step.count("duplicates")
    elif version.reason is not None:
        place = "entry_version" if version.place == "version" else version.place
        refused(step, gated.source, gated.entry.event_id, version.reason, version.detail, place=place)
    if before is not None:
        step.state.put(ENTRIES, key, before.model_copy(update={"history": version.history}))


def _kept(entry: WatchlistEntry) -> WatchlistEntry:
    """What is kept of a version: whom it is about only while it can match (domain rule 16)."""
    entry = entry.model_copy(update={"delegation": None})
    if entry.status is EntryStatus.ACTIVE:
        return entry
    bare = {"subject": None, "object": None, "remarks": None, "linked_entry": None, "warnings": ()}
    return entry.model_copy(update=bare)


def _numbers(step: Step, entry: WatchlistEntry) -> frozenset[str]:
    item: Subject | Object | None = entry.subject or entry.object
    if entry.status is not EntryStatus.ACTIVE or item is None:
        return frozenset()
    return step.setting.reference_numbers(entry.exercise, item)


def _listed(entry: WatchlistEntry) -> Subject | None:
    """Who goes on the list that names are sought in: without documents and without a victim's names (rule 8)."""
    if entry.status is not EntryStatus.ACTIVE or entry.subject is None:
        return None
    names = tuple(name for name in entry.subject.names if name.type is not NameType.MISUSED)
    return entry.subject.model_copy(update={"names": names, "documents": ()}) if names else None


def _list(step: Step, key: str, entry: WatchlistEntry, *, was_listed: bool) -> None:
    """Put the entry on the list and have the window probed, or take it off."""
    version = entry.entry_version
    listed = _listed(entry)
    if listed is not None:
        step.say(Send(PERSONS, key, ListedPerson(entry_version=version, subject=listed)))
        probes.probe(step, key, version)
    elif was_listed:
        probes.drop(step, key)
        step.say(Send(PERSONS, key, None, headers=(("version", str(version)),)))
