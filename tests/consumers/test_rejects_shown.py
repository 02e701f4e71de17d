"""What a sender reads of its own refused events."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from consumers.rejects import RepeatedRejects, reject_json, reject_lines
from schemas.alerts import Reject
from tests.conftest import a_reject


@pytest.fixture
def reject() -> Reject:
    return a_reject(b"\xff\x00 not text", event_id="e-1")


def test_a_sender_reads_what_was_wrong_where_and_in_which_event(reject):
    said = "\n".join(line.text for line in reject_lines(reject, "Asia/Dhaka"))
    assert said.startswith("REFUSED impossible date (IMPOSSIBLE_DATE) at subjects[0].births[0].day\n")
    assert "why       there is no 31 February" in said
    assert "event     incidents.bd[0]@17, sent 2026-11-24 18:00:00 local (Asia/Dhaka) = 12:00:00 UTC" in said
    assert f"event e-1; 11 bytes, sha256 {reject.sha256.hex()}; refused by gate" in said


def test_an_event_without_a_readable_id_says_so(reject):
    said = reject_lines(reject.model_copy(update={"event_id": None, "place": ""}), "UTC")
    assert said[0].text == "REFUSED impossible date (IMPOSSIBLE_DATE)"
    assert "event_id not readable" in said[-1].text


def test_json_carries_bytes_that_are_no_text(reject):
    plain = json.loads(json.dumps(reject_json(reject, with_head=True)))
    assert base64.b64decode(plain["head"]) == reject.head
    assert plain["sha256"] == hashlib.sha256(reject.head).hexdigest()
    assert "head" not in reject_json(reject, with_head=False)


def test_a_reject_that_the_gate_says_again_is_told_once(reject):
    repeated = RepeatedRejects()
    assert not repeated.is_repeat(reject)
    assert repeated.is_repeat(reject)
    assert not repeated.is_repeat(reject.model_copy(update={"place": "subjects[1]"}))
    assert not repeated.is_repeat(reject.model_copy(update={"source_offset": 18}))


def test_repeats_are_told_with_bounded_memory(reject):
    repeated = RepeatedRejects(remembered=2)
    for offset in range(3):
        repeated.is_repeat(reject.model_copy(update={"source_offset": offset}))
    assert not repeated.is_repeat(reject.model_copy(update={"source_offset": 0}))
