"""A search for a person counts as recorded when the stage that records has come past it, and not before."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from producers.searching import NotRecorded, Recording, said_of_search
from schemas.alerts import Reject
from schemas.codes import RejectReason, ResponseKind
from tests.conftest import a_reject

AT = datetime(2026, 3, 1, tzinfo=UTC)
SEARCH, ASKS = ("responses.fr", 0, 4), ("responses.fr", 0, 5)


def refused(reason: RejectReason, stage: str) -> Reject:
    return a_reject(reason=reason, stage=stage, source_topic="responses.fr", source_offset=0)


PASSED = refused(RejectReason.UNKNOWN_CASE, "cases")


def test_it_is_recorded_when_what_was_said_behind_it_was_refused_by_the_stage_that_records() -> None:
    recording = Recording(SEARCH, ASKS)
    assert not recording.is_told({})
    assert not recording.is_told({("responses.fr", 0, 3): PASSED})  # somebody else's
    assert recording.is_told({ASKS: PASSED})


@pytest.mark.parametrize(
    "rejects",
    [
        {SEARCH: refused(RejectReason.KEY_NOT_VALID, "gate")},
        {SEARCH: refused(RejectReason.FROM_THE_FUTURE, "gate"), ASKS: PASSED},
        {ASKS: refused(RejectReason.KEY_NOT_VALID, "gate")},
        {ASKS: refused(RejectReason.UNKNOWN_CASE, "gate")},
    ],
)
def test_what_the_pipeline_refuses_to_record_is_not_searched(rejects: dict[tuple[str, int, int], Reject]) -> None:
    with pytest.raises(NotRecorded, match="nothing was searched"):
        Recording(SEARCH, ASKS).is_told(rejects)


def test_both_go_the_same_way_and_are_two_messages() -> None:
    search, asks = said_of_search("fr", "0-case", ("e1", "e2"), AT)
    assert (search.kind, search.event_id) == (ResponseKind.SUBJECT_SEARCH, "e1")
    assert (asks.case_ref, asks.event_id) == (search.case_ref, "e2")
