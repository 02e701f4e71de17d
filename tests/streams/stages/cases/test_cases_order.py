"""The order in which both sides arrive must not matter (invariant 4), for any legal merge of their histories."""

from __future__ import annotations

from cases_world import World, context, decide, entry, except_, held, only, person
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.alerts import Alert
from schemas.codes import AlertStatus, EntryStatus, OwnerNotification
from schemas.envelope import Handling
from schemas.model import timestamp
from streams.stages.cases.dissemination import Side, audience
from streams.stages.cases.judgement import raises_alerts

HANDLING = st.sampled_from(
    [
        Handling(),
        Handling(),
        except_("bd"),
        except_("ccc"),
        only("np"),
        only("fr", "bd"),
        Handling(owner_notification=OwnerNotification.SUPPRESSED),
    ]
)
NAMES = st.sampled_from([("A",), ("B",), ("A", "B"), ()])
ENTRIES = st.lists(
    st.builds(
        dict,
        names=NAMES,
        status=st.sampled_from([EntryStatus.ACTIVE, EntryStatus.ACTIVE, EntryStatus.SUSPENDED, EntryStatus.DELETED]),
        handling=HANDLING,
        expires_at=st.sampled_from([None, None, timestamp(1)]),
    ),
    min_size=1,
    max_size=4,
)
INCIDENTS = st.lists(st.builds(dict, names=st.one_of(st.none(), NAMES), handling=HANDLING), min_size=1, max_size=4)


def _entries(history: list[dict]) -> list:
    made = []
    for version, facts in enumerate(history, 1):
        facts = dict(facts)
        made.append(entry(version, subject=person(*facts.pop("names"), documents=["P1"]), **facts))
    return made


def _live(world: World) -> dict:
    """What invariant 4 compares: per recipient the live alerts with band, evidence, workflow and entry_version."""

    def essence(alert: Alert):
        return alert.match, alert.workflow, alert.entry.entry_version, alert.incident.incident_version

    return {
        recipient: {alert_id: essence(alert) for alert_id, alert in seen.items() if alert.status is AlertStatus.LIVE}
        for recipient, seen in held(world).items()
    }


def _expected(entries: list, incidents: dict[str, list[dict]]) -> dict[str, int]:
    """By recipient, how many alerts must be live: from the last version of everything alone."""
    last, counts = entries[-1], {}
    for incident_id, history in incidents.items():
        facts = history[-1]
        made = context(len(history), incident_id=incident_id, handling=facts["handling"])
        if facts["names"] is None or not raises_alerts(last, made) or decide(person(*facts["names"]), last) is None:
            continue
        sides = Side("bd", made.exercise, made.handling), Side("fr", last.exercise, last.handling)
        for recipient, _ in audience(*sides, World().participants).roles:
            counts[recipient] = counts.get(recipient, 0) + 1
    return counts


@settings(max_examples=150, deadline=None)
@given(data=st.data(), entries=ENTRIES, first=INCIDENTS, second=INCIDENTS)
def test_any_merge_of_both_sides_ends_the_same(data, entries, first, second):
    incidents = {"I1": first, "I2": second}
    published = _entries(entries)
    results = []
    for _ in range(2):
        world = World()
        left = {"entry": list(published)} | {key: list(enumerate(facts, 1)) for key, facts in incidents.items()}
        while any(left.values()):
            feed = data.draw(st.sampled_from(sorted(key for key, rest in left.items() if rest)))
            following = left[feed].pop(0)
            if feed == "entry":
                world.publish(following)
            else:
                version, facts = following
                item = None if facts["names"] is None else person(*facts["names"])
                world.meet(item, version, incident_id=feed, handling=facts["handling"])
        # the joins announce a pair again whenever either side changes: so what was forgotten comes back
        for incident_id, history in incidents.items():
            facts = history[-1]
            item = None if facts["names"] is None else person(*facts["names"])
            world.meet(item, len(history), incident_id=incident_id, handling=facts["handling"])
        results.append(_live(world))
    kept = [{recipient: seen for recipient, seen in result.items() if seen} for result in results]
    assert kept[0] == kept[1]
    assert {recipient: len(seen) for recipient, seen in kept[0].items()} == _expected(published, incidents)


@settings(max_examples=100, deadline=None)
@given(entries=ENTRIES, first=INCIDENTS, repeats=st.lists(st.integers(0, 3), max_size=4))
def test_the_gate_may_repeat_itself_anywhere(entries, first, repeats):
    published = _entries(entries)

    def run(repeat: bool) -> dict:
        world = World()
        for offset, event in enumerate(published):
            world.publish(event, offset=offset)
            if repeat:
                for back in repeats:
                    if back <= offset:
                        world.publish(published[offset - back], offset=offset - back)
        for version, facts in enumerate(first, 1):
            item = None if facts["names"] is None else person(*facts["names"])
            world.meet(item, version, handling=facts["handling"])
        assert world.stage.stats().rejected == 0
        return _live(world)

    assert run(False) == run(True)
