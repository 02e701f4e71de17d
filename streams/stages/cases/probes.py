"""Asking every sightings worker to search its window for an entry that was listed.

A Probe may leave later than the list record it follows: an incident meanwhile processed either saw the entry on the
list or is in the window when the Probe comes. So a few entries are probed at once, and while a whole list is being
loaded they share Probes, sent when one is full or with the next Tick: a partition says one Probe per 500 entries to
each partition of `sightings`, not one per entry.
"""

from __future__ import annotations

from itertools import islice

from schemas.internal import EntryVersion, Probe
from schemas.topics import SIGHTINGS
from streams.stages.cases.records import PROBES, PendingProbe
from streams.stages.cases.running import Step
from streams.stages.contract import Send


def probe(step: Step, key: str, version: int) -> None:
    """Have the window searched for the entry `key` at `version`: now, or soon together with others."""
    rules = step.setting.rules
    drop(step, key)
    if step.total("prompt_probes") < rules.prompt_probes:
        step.count("prompt_probes")
        _say(step, (EntryVersion(entry_key=key, entry_version=version),))
        return
    step.state.put(PROBES, key, PendingProbe(entry_version=version))
    step.count("pending_probes")
    if step.total("pending_probes") >= rules.entries_per_probe:
        flush(step)


def drop(step: Step, key: str) -> None:
    """The entry is off the list, or probed otherwise: it waits no longer."""
    if step.state.get(PROBES, key) is not None:
        step.state.delete(PROBES, key)
        step.count("pending_probes", -1)


def flush(step: Step) -> None:
    """Probe the entries that wait, as many as share one Probe."""
    waiting = list(islice(step.state.scan(PROBES), step.setting.rules.entries_per_probe))
    if not waiting:
        return
    _say(step, tuple(EntryVersion(entry_key=key, entry_version=value.entry_version) for key, value in waiting))
    for key, _ in waiting:
        step.state.delete(PROBES, key)
    step.count("pending_probes", -len(waiting))


def on_tick(step: Step) -> None:
    """Probe what waits; the next few entries are probed at once again."""
    flush(step)
    step.count("prompt_probes", -step.total("prompt_probes"))


def _say(step: Step, entries: tuple[EntryVersion, ...]) -> None:
    message = Probe(entries=entries)
    step.say(*(Send(SIGHTINGS, entries[0].entry_key, message, partition=at) for at in range(step.setting.partitions)))
