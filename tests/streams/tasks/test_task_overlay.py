"""The state that a stage sees while nothing is committed yet."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from streams.stages.contract import Table
from streams.tasks.overlay import Overlay, store_key
from streams.tasks.store import MemoryStore
from tests.streams.tasks.counting_stage import CODECS, TOTALS, Total

OTHER = Table("totalsx", Total)
KEYS = st.text("ab\u00e9\uffff\U0001f600", max_size=3)


def overlay(store: MemoryStore | None = None, cached: int = 10_000) -> Overlay:
    return Overlay(store or MemoryStore(), CODECS.encode_state, CODECS.decode_state, cached)


def test_a_failed_step_leaves_nothing_and_a_kept_one_stays() -> None:
    state = overlay()
    state.put(TOTALS, "a", Total(total=1))
    state.keep()
    state.put(TOTALS, "a", Total(total=2))
    state.put(TOTALS, "b", Total(total=3))
    state.drop()
    assert list(state.scan(TOTALS)) == [("a", Total(total=1))]
    assert state.get(TOTALS, "b") is None


def test_the_changes_of_a_batch_are_the_last_ones_as_bytes() -> None:
    state = overlay()
    state.put(TOTALS, "a", Total(total=1))
    state.delete(TOTALS, "b")
    state.keep()
    state.put(TOTALS, "a", Total(total=2))
    state.keep()
    assert state.changes == {
        store_key("totals", "a"): CODECS.encode_state(Total(total=2)),
        store_key("totals", "b"): None,
    }


def test_a_value_that_is_too_long_is_refused_before_the_step_is_kept() -> None:
    state = overlay()
    state.put(TOTALS, "a", Total(total=10**50))
    with pytest.raises(ValueError, match="longer than"):
        state.keep(largest=20)
    state.drop()
    assert state.changes == {}


def test_a_key_with_nul_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        overlay().put(TOTALS, "a\0b", Total())


def test_a_scan_survives_that_its_own_keys_are_deleted() -> None:
    store = MemoryStore()
    state = overlay(store)
    for key in "abcdef":
        state.put(TOTALS, key, Total())
    state.keep()
    store.write(state.changes, 1)
    state.settle()
    seen = []
    for key, _ in state.scan(TOTALS):
        seen.append(key)
        state.delete(TOTALS, key)
        state.put(TOTALS, key + "x", Total())
    assert [key for key in seen if len(key) == 1] == list("abcdef")


class AgreesWithADictionary(RuleBasedStateMachine):
    """Any order of puts, deletes, steps kept or dropped, commits and restarts."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        self.state = overlay(self.store, cached=2)
        self.kept: dict[tuple[str, str], Total] = {}
        self.model: dict[tuple[str, str], Total] = {}
        self.durable: dict[tuple[str, str], Total] = {}
        self.count = 0

    @rule(table=st.sampled_from([TOTALS, OTHER]), key=KEYS)
    def put(self, table: Table[Total], key: str) -> None:
        self.count += 1
        self.state.put(table, key, Total(total=self.count))
        self.model[table.name, key] = Total(total=self.count)

    @rule(table=st.sampled_from([TOTALS, OTHER]), key=KEYS)
    def delete(self, table: Table[Total], key: str) -> None:
        self.state.delete(table, key)
        self.model.pop((table.name, key), None)

    @rule()
    def keep(self) -> None:
        self.state.keep()
        self.kept = dict(self.model)

    @rule()
    def drop(self) -> None:
        self.state.drop()
        self.model = dict(self.kept)

    @rule()
    def commit(self) -> None:
        self.keep()
        self.store.write(self.state.changes, self.count)
        self.state.settle()
        self.durable = dict(self.kept)

    @rule()
    def die(self) -> None:
        self.state = overlay(self.store, cached=2)
        self.kept, self.model = dict(self.durable), dict(self.durable)

    @rule(table=st.sampled_from([TOTALS, OTHER]), key=KEYS)
    def get(self, table: Table[Total], key: str) -> None:
        assert self.state.get(table, key) == self.model.get((table.name, key))

    @rule(table=st.sampled_from([TOTALS, OTHER]), prefix=KEYS, after=KEYS)
    def scan(self, table: Table[Total], prefix: str, after: str) -> None:
        expected = sorted(
            (key, value)
            for (name, key), value in self.model.items()
            if name == table.name and key.startswith(prefix) and (key > after or not after)
        )
        assert list(self.state.scan(table, prefix, after)) == expected

    @invariant()
    def everything_agrees(self) -> None:
        assert dict(self.state.scan(TOTALS)) == {key: v for (name, key), v in self.model.items() if name == "totals"}


AgreesWithADictionary.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAgreesWithADictionary = AgreesWithADictionary.TestCase
