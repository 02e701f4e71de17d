"""The topic table: rights follow from it, and so does the page in docs/."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from aiokafka.partitioner import murmur2 as reference_murmur2
from hypothesis import given
from hypothesis import strategies as st

import deploy
from schemas.errors import DeclarationError
from schemas.participants import load_participants
from schemas.partition import murmur2, partition_of
from schemas.topics import all_topics, country_of, internal_topics
from schemas.topics_page import PAGE, page

PARTICIPANTS = load_participants(Path(deploy.__file__).with_name("bureaus.toml"))


def test_the_page_says_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_a_participant_touches_its_own_topics_alone() -> None:
    for topic in all_topics(PARTICIPANTS):
        for code in PARTICIPANTS.codes:
            if code in (*topic.writers, *topic.readers):
                assert topic.name.endswith(f".{code}")


def test_no_participant_writes_alerts_or_rejects_and_none_reads_an_internal_topic() -> None:
    codes = set(PARTICIPANTS.codes)
    internal = {topic.name for topic in internal_topics(8)}
    for topic in all_topics(PARTICIPANTS):
        if topic.name.startswith(("alerts.", "rejects.")):
            assert not codes & set(topic.writers)
        if topic.name in internal:
            assert not codes & {*topic.writers, *topic.readers}


def test_the_gate_alone_reads_what_others_publish_and_only_cases_writes_alerts() -> None:
    for topic in all_topics(PARTICIPANTS):
        if topic.name.startswith(("incidents.", "watchlist.", "responses.")):
            assert topic.readers == ("worker-gate", country_of(topic.name))
        if topic.name.startswith("alerts."):
            assert topic.writers == ("worker-cases",)


@given(st.binary(max_size=200))
def test_murmur2_is_kafkas(data: bytes) -> None:
    assert murmur2(data) == reference_murmur2(data) & 0xFFFFFFFF
    assert 0 <= partition_of(data, 8) < 8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no [participants"),
        ("[participants.zz]\nname='Z'", "ISO 3166"),
        ("[participants.bd]\nname='B'", "coordinator"),
        ("[participants.bd]\nname='B'\npartitions=0", "participants.bd.partitions"),
        ("[participants.bd]\nname='B'\ncolour='red'", "participants.bd.colour"),
        ("partitions=0\n[participants.ccc]\nname='C'\nkind='coordinator'", "partitions"),
        ("[participants", "declaration.toml"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "declaration.toml"
    file.write_text(text)
    with pytest.raises(DeclarationError) as refused:
        load_participants(file)
    assert said in str(refused.value)


def test_a_declaration_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="absent"):
        load_participants(tmp_path / f"absent{os.getpid()}.toml")
