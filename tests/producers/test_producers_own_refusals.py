"""A producer of which too much is refused stops itself, by its own rejects and nobody else's."""

from __future__ import annotations

import pytest

from producers.own_refusals import Bound, OwnRefusals, TooManyRefused
from schemas.codes import RejectReason

BOUND = Bound(share=0.05, least=20)
R = RejectReason


def sent(count: int, partition: int = 0) -> OwnRefusals:
    own = OwnRefusals("bd", BOUND)
    for offset in range(count):
        own.delivered("incidents.bd", partition, offset)
    return own


def test_more_than_the_bound_stops_with_the_commonest_reason() -> None:
    own = sent(10_000)
    for offset in range(0, 210, 10):
        own.judge()
        own.refused(("incidents.bd", 0, offset), R.IMPOSSIBLE_DATE)
    with pytest.raises(TooManyRefused, match=r"bd was stopped: 21 of the 201 .* IMPOSSIBLE_DATE") as stopped:
        own.judge()
    assert (stopped.value.refused, stopped.value.judged) == (21, 201)


def test_what_the_gate_has_not_come_to_yet_makes_no_share_smaller() -> None:
    own = sent(1_000_000)
    for offset in range(21):
        own.refused(("incidents.bd", 0, offset), R.INVALID_FIELD)
    assert own.judged == 21
    with pytest.raises(TooManyRefused):
        own.judge()


def test_a_few_among_many_stop_nobody() -> None:
    own = sent(10_000)
    for offset in range(0, 10_000, 100):
        own.refused(("incidents.bd", 0, offset), R.TOO_WEAK)
        own.judge()
    assert own.reasons == {R.TOO_WEAK: 100}


def test_what_the_participant_published_otherwise_is_not_counted() -> None:
    own = sent(100)
    for offset in range(500, 600):
        own.refused(("incidents.bd", 0, offset), R.INVALID_FIELD)
        own.refused(("watchlist.bd", 0, offset), R.INVALID_FIELD)
    own.judge()
    assert not own.reasons


def test_a_refusal_that_is_heard_of_before_the_delivery_counts() -> None:
    own = OwnRefusals("bd", BOUND)
    own.refused(("incidents.bd", 0, 7), R.INVALID_FIELD)
    own.delivered("incidents.bd", 0, 7)
    assert own.reasons == {R.INVALID_FIELD: 1}
