"""Writes docs/topics.md from the topic table: `python -m schemas.topics_page`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from schemas.participants import Kind, Participant
from schemas.topics import DAY, HOUR, KIB, MIB, Topic, country_topics, internal_topics

PAGE = Path(__file__).parents[1] / "docs" / "topics.md"
_HEAD = """# Topics

Made from `schemas/topics.py` by `make schemas`; `tocsin provision` makes the topics and the rights from the same table.
Country topics exist once for each participant `<cc>`, with as many partitions as `deploy/bureaus.toml` says; internal
ones have P partitions (8 unless declared otherwise; changing P is a migration) and are closed to bureaus. Keys are
text, partitioned by murmur2. Timestamps are the broker's (LogAppendTime). Whoever reads an alert or an internal topic
sets `isolation.level=read_committed`.
"""


def page() -> str:
    """The page as text."""
    bureau = Participant(code="cc", name="", kind=Kind.BUREAU)
    return "\n".join(
        (
            _HEAD,
            *_table("Topics of a participant", list(country_topics(bureau)), "as declared"),
            "",
            *_table("Internal topics", list(internal_topics(-1)), "P"),
            "",
        )
    )


def _table(title: str, topics: list[Topic], many: str) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| topic | what | key | partitions | kept | largest record | writers | readers |"
    yield "|---|---|---|---|---|---|---|---|"
    for topic in topics:
        name = topic.name.removesuffix(".cc") + (".&lt;cc&gt;" if topic.name.endswith(".cc") else "")
        count = "1" if topic.partitions == 1 and many == "P" else many
        cells = (
            name,
            topic.about,
            topic.key,
            count,
            _kept(topic),
            _size(topic),
            _who(topic.writers),
            _who(topic.readers),
        )
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


def _who(users: tuple[str, ...]) -> str:
    return ", ".join("the participant" if user == "cc" else user for user in users)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}\n")
