"""Keys are unambiguous and lead back to what they were made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.codes import Mode
from schemas.partition import partition_of
from streams.stages import keys
from streams.stages.errors import MalformedKey

IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._/+@=~#-]{0,40}", fullmatch=True)
CODES = st.from_regex(r"[a-z]{2,3}", fullmatch=True)
MODES = st.sampled_from(Mode)


@given(MODES, CODES, IDS)
def test_a_key_gives_back_its_parts(mode: Mode, producer: str, incident_id: str) -> None:
    key = keys.incident_key(mode, producer, incident_id)
    assert keys.parse(key) == (mode, producer, incident_id)
    assert str(keys.parse(key)) == key
    assert keys.mode_of(key) is mode


@given(st.tuples(MODES, CODES, IDS), st.tuples(MODES, CODES, IDS))
def test_different_parts_never_make_the_same_key(one: tuple[Mode, str, str], other: tuple[Mode, str, str]) -> None:
    assert (keys.entry_key(*one) == keys.entry_key(*other)) == (one == other)


@given(st.lists(IDS, min_size=1, max_size=4))
def test_composite_keys_give_back_their_parts(parts: list[str]) -> None:
    assert keys.split(keys.joined(*parts)) == parts


@given(st.text(max_size=200))
def test_only_usable_ids_pass_and_none_holds_what_separates(text: str) -> None:
    if keys.usable_id(text):
        assert text.isascii()
        assert text.isprintable()
        assert not set(text) & set(": |\x1f\0")
    else:
        with pytest.raises(MalformedKey):
            keys.parse(f"ACTUAL:bd:{text}")


@given(st.text())
def test_any_text_is_read_as_a_key_or_refused(text: str) -> None:
    try:
        parsed = keys.parse(text)
    except MalformedKey:
        return
    assert str(parsed) == text


@given(IDS, IDS, IDS, st.integers(1, 48))
def test_a_case_ref_gives_back_partition_and_alert(incident: str, item: str, entry: str, partitions: int) -> None:
    entry_key = f"ACTUAL:fr:{entry}"
    alert = keys.alert_id(f"ACTUAL:bd:{incident}", item, entry_key)
    found = keys.read_case_ref(keys.case_ref(entry_key, alert, partitions), partitions)
    assert found == (partition_of(entry_key, partitions), alert)


@pytest.mark.parametrize(
    "text",
    ["", "0", "8-{a}", "00-{a}", "-1-{a}", "1-{a} ", "1-{u}", "１-{a}", "1-{a}\n"],
)
def test_a_case_ref_has_one_spelling(text: str) -> None:
    alert = keys.alert_id("ACTUAL:bd:I", "s", "ACTUAL:fr:E")
    with pytest.raises(MalformedKey):
        keys.read_case_ref(text.format(a=alert, u=alert.upper()), 8)


def test_alert_ids_differ_by_mode_producer_item_owner_and_entry() -> None:
    made = {
        keys.alert_id(f"{mode}:{producer}:I{n}", f"s{n}", f"{mode}:{owner}:E{n}")
        for mode in ("ACTUAL", "EXERCISE")
        for producer in ("bd", "in")
        for owner in ("fr", "un")
        for n in (1, 2)
    }
    assert len(made) == 16


def test_alert_ids_never_change() -> None:
    assert keys.alert_id("ACTUAL:bd:I1", "s1", "ACTUAL:fr:E1") == "a07dba2d-8161-5941-bba9-f62ecc5a8ff2"
