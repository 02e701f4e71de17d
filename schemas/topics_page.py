"""Writes docs/topics.md from the topic table: `python -m schemas.topics_page`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from schemas.participants import COORDINATOR, Kind, Participant, Service
from schemas.topics import DAY, HOUR, KIB, MIB, Topic, country_topics, internal_topics, service_user

PAGE = Path(__file__).parents[1] / "docs" / "topics.md"
_HEAD = """# Topics

Made from `schemas/topics.py` by `make schemas`; `tocsin provision` makes the topics and the rights from the same table.
Country topics exist once for each participant `<cc>`, with as many partitions as `deploy/bureaus.toml` says; internal
ones have P partitions (8 unless declared otherwise; changing P is a migration) and are closed to bureaus. Keys are
text, partitioned by murmur2. Timestamps are the broker's (LogAppendTime). Whoever reads an alert or an internal topic
sets `isolation.level=read_committed`. Kafka deletes by days: what is kept for 31 days is gone after 32. What that
means for a person's data: [forgetting.md](forgetting.md).

Writers and readers are Kafka users. A service that publishes on a participant's behalf, declared as
`[participants.<cc>.services.<name>]` with the events that it may publish, is the user `<cc>-<name>`.
"""
_SERVICE = "service"


def _sample(code: str, kind: Kind, *, forwarded: bool = True) -> Participant:
    services = {_SERVICE: Service(events=("incidents", "watchlist", "responses"))}
    return Participant(code=code, name="", kind=kind, services=services, forwarded=forwarded)


_SAMPLES = {
    "bureaus": _sample("cc", Kind.BUREAU),
    "organisations": _sample("oo", Kind.ORGANISATION),
    f"`{COORDINATOR}`": _sample(COORDINATOR, Kind.COORDINATOR),
    "canaries": _sample("xa", Kind.CANARY),
    "participants with `forwarded = false`": _sample("ff", Kind.BUREAU, forwarded=False),
}
"""A participant of each sort, with a service for every kind of event: their rights are what the page tells."""


def page() -> str:
    """The page as text."""
    by_kind = [list(country_topics(sample)) for sample in _SAMPLES.values()]
    country = [
        (topics[0], _who([topic.writers for topic in topics]), _who([topic.readers for topic in topics]))
        for topics in zip(*by_kind, strict=True)
    ]
    internal = [(topic, ", ".join(topic.writers), ", ".join(topic.readers)) for topic in internal_topics(-1)]
    return "\n".join(
        (
            _HEAD,
            *_table("Topics of a participant", country, "as declared"),
            "",
            *_table("Internal topics", internal, "P"),
            "",
        )
    )


def _table(title: str, rows: Iterable[tuple[Topic, str, str]], many: str) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| topic | what | key | partitions | kept | largest record | writers | readers |"
    yield "|---|---|---|---|---|---|---|---|"
    for topic, writers, readers in rows:
        name = topic.name.removesuffix(".cc") + (".&lt;cc&gt;" if topic.name.endswith(".cc") else "")
        count = "1" if topic.partitions == 1 and many == "P" else many
        cells = (name, topic.about, topic.key, count, _kept(topic), _size(topic), writers, readers)
        yield f"| {' | '.join(cells)} |"


def _kept(topic: Topic) -> str:
    if topic.config["cleanup.policy"] == "compact":
        lag = int(topic.config["min.compaction.lag.ms"])
        tombstones = int(topic.config["delete.retention.ms"]) // DAY
        after = f" after {lag // HOUR} h" if lag else ""
        return f"compacted{after}, tombstones {tombstones} days"
    kept = int(topic.config["retention.ms"])
    return "for ever" if kept < 0 else f"{kept // DAY} days"


def _size(topic: Topic) -> str:
    size = int(topic.config["max.message.bytes"])
    return f"{size // MIB} MiB" if size % MIB == 0 else f"{size // KIB} KiB"


def _who(users_by_sort: Sequence[tuple[str, ...]]) -> str:
    """Who may do something with one topic of each of the samples; whose it may not is said."""
    sorts: dict[str, list[str]] = {}
    for (sort, sample), users in zip(_SAMPLES.items(), users_by_sort, strict=True):
        for user in users:
            sorts.setdefault(_role(user, sample), []).append(sort)
    return ", ".join(role + _limits(having) for role, having in sorts.items())


def _limits(having: list[str]) -> str:
    lacking = [sort for sort in _SAMPLES if sort not in having]
    if not lacking:
        return ""
    if len(having) < len(lacking):
        return f" (of {' and '.join(having)} alone)"
    return f" (not of {' and '.join(lacking)})"


def _role(user: str, participant: Participant) -> str:
    if user == participant.code:
        return "the participant"
    return "its services for this event" if user == service_user(participant.code, _SERVICE) else user


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}\n")
