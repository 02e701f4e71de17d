"""The chain of audit records: whole as the stage writes it, and whatever is done to it is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from consumers.auditor.errors import BadHead
from consumers.auditor.heads import believed, file_of, in_turn, signed
from consumers.auditor.verifying import Chains, Link, chains_of
from schemas import audit_chain
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import Action, Instrument
from schemas.events import WatchlistEntry
from schemas.internal import GatedEntry, Source
from schemas.model import timestamp
from schemas.participants import load_participants
from schemas.subjects import Name, Subject
from schemas.topics import AUDIT, CASES
from streams.stages.cases import Cases
from streams.stages.contract import Received
from streams.stages.memory import MemoryState
from tocsin.runtime.key_files import BadKey, new_pair, private_key, public_key

ROOT = Path(__file__).parents[3]
PARTICIPANTS = load_participants(ROOT / "deploy/bureaus.toml")
CODEC = Codec(LocalSchemaIds())
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def records(partition=0, count=9):
    """What a partition of cases writes to the topic audit while `count` entries are published."""
    stage, state, said = Cases(partition, PARTICIPANTS, 2), MemoryState(), []
    stage.restore(state)
    for number in range(count):
        at = 1_780_000_000_000 + number
        entry = WatchlistEntry(
            event_id=f"e{number}",
            producer="fr",
            occurred_at=timestamp(at),
            recorded_at=timestamp(at),
            entry_id=f"E{number}",
            entry_version=1,
            instrument=Instrument.NOTICE,
            action=Action.ARREST,
            subject=Subject(subject_id="s", names=(Name(full="ANNA ONE"),)),
        )
        place = {"topic": "watchlist.fr", "partition": 0, "offset": number, "timestamp": timestamp(at)}
        source = Source(**place, sha256=bytes(32), size=1, head=b"")
        message = GatedEntry(source=source, content=bytes(32), entry=entry)
        sends = stage.step(state, Received(CASES, partition, number, at, None, message), at)
        said += [send for send in sends if send.topic == AUDIT]
    return [
        (send.key.encode(), CODEC.encode(send.message), tuple((name, text.encode()) for name, text in send.headers))
        for send in said
    ]


def judged(topic, marks=None):
    chains = Chains(marks=marks or {})
    found = [chains.take(offset, *record) for offset, record in enumerate(topic)]
    return chains, [one for one in found if one]


TOPIC = records()
TWO = [record for pair in zip(records(0), records(1), strict=True) for record in pair]


def test_what_the_stage_writes_holds_in_each_partition_by_itself():
    chains, found = judged(TWO)
    assert found == []
    assert {chain: head.number for chain, head in chains.heads.items()} == {"cases-0": 9, "cases-1": 9}
    assert chains.missing() == []


def test_another_registrys_schema_ids_change_nothing():
    other = [(key, b"\0\0\0\1\7" + value[5:], headers) for key, value, headers in TOPIC]
    assert judged(other)[1] == []


@given(at=st.integers(0, 8), byte=st.integers(5, 60), value=st.integers(1, 255))
def test_a_changed_record_is_named(at, byte, value):
    key, body, headers = TOPIC[at]
    changed = bytearray(body)
    changed[byte % (len(body) - 5) + 5] ^= value
    topic = [*TOPIC[:at], (key, bytes(changed), headers), *TOPIC[at + 1 :]]
    (broken,) = judged(topic)[1]
    assert (broken.chain, broken.offset) == ("cases-0", at)


@given(at=st.integers(0, 7))
def test_a_record_taken_out_put_in_or_moved_is_named(at):
    forged = (b"fr", TOPIC[at][1], TOPIC[at + 1][2])
    for topic, offset in (
        (TOPIC[:at] + TOPIC[at + 1 :], at),
        ([*TOPIC[: at + 1], TOPIC[at], *TOPIC[at + 1 :]], at + 1),
        ([*TOPIC[: at + 1], forged, *TOPIC[at + 1 :]], at + 1 if forged[1] != TOPIC[at + 1][1] else at + 2),
        ([*TOPIC[:at], TOPIC[at + 1], TOPIC[at], *TOPIC[at + 2 :]], at),
        ([*TOPIC[:at], (b"bd", *TOPIC[at][1:]), *TOPIC[at + 1 :]], at),
        ([*TOPIC[:at], (*TOPIC[at][:2], ()), *TOPIC[at + 1 :]], at),
    ):
        found = judged(topic)[1]
        assert found[0].offset == offset


def test_the_end_cut_off_or_everything_written_anew_is_seen_with_a_head():
    head = judged(TOPIC)[0].heads
    assert judged(TOPIC, head)[1] == []
    cut, found = judged(TOPIC[:-1], head)
    assert (found, len(cut.missing())) == ([], 1)
    stage_of_another_history = records(0, 12)[3:]
    anew = []
    before = Link(0, audit_chain.START)
    for number, (key, value, _) in enumerate(stage_of_another_history, 1):
        link = audit_chain.link(before.link, number, key.decode(), value[5:])
        before = Link(number, link)
        place = ((audit_chain.CHAIN, b"cases-0"), (audit_chain.NUMBER, str(number).encode()))
        anew.append((key, value, (*place, (audit_chain.LINK, link.hex().encode()))))
    assert judged(anew)[1] == []
    (broken,) = judged(anew, head)[1]
    assert "written anew" in broken.why


def test_a_head_is_believed_only_as_its_signer_wrote_it(tmp_path):
    public = new_pair(tmp_path / "auditor.pem")
    assert (tmp_path / "auditor.pem").stat().st_mode & 0o777 == 0o600
    heads, path = judged(TWO)[0].heads, tmp_path / "2026-11-24.json"
    path.write_text(signed(heads, NOON, private_key(tmp_path / "auditor.pem")))
    assert believed(path, [public_key(public)]).chains == heads
    with pytest.raises(BadHead):
        believed(path, [Ed25519PrivateKey.generate().public_key()])
    path.write_text(path.read_text().replace('"number": 9', '"number": 8'))
    with pytest.raises(BadHead, match="changed, or signed by somebody else"):
        believed(path, [public_key(public)])
    for text in ("", "[]", "{}", '{"signature": "zz"}'):
        path.write_text(text)
        with pytest.raises(BadHead):
            believed(path, [public_key(public)])


def test_a_chain_that_no_worker_writes_is_named():
    chains = Chains(known=chains_of(1))
    found = [broken for at, record in enumerate(TWO) if (broken := chains.take(at, *record))]
    assert [(broken.chain, broken.why) for broken in found] == [("cases-1", "a chain that no worker writes")]
    assert chains.heads.keys() == {"cases-0"}


def days(folder, *keys):
    """A folder with the head of a day by each of `keys`, each naming the one before it."""
    before = None
    for number, key in enumerate(keys):
        at = NOON + timedelta(days=number)
        path = file_of(folder, at)
        path.write_text(signed({}, at, key, before))
        before = believed(path, [key.public_key()])
    return sorted(folder.glob("*.json"))


def test_the_heads_of_a_folder_follow_each_other_also_from_one_auditor_to_the_next(tmp_path):
    old, new = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    paths = days(tmp_path, old, old, new)
    keys = [new.public_key(), old.public_key()]
    assert [head.path for head in in_turn(paths, keys)] == paths
    assert [head.path for head in in_turn(paths[1:], keys)] == paths[1:]  # the oldest may be kept elsewhere
    with pytest.raises(BadHead, match="signed by somebody else"):
        in_turn(paths, keys[:1])


def test_a_head_taken_out_renamed_or_exchanged_is_noticed(tmp_path):
    key = Ed25519PrivateKey.generate()
    first, second, third = days(tmp_path, key, key, key)
    with pytest.raises(BadHead, match="does not follow the head before it"):
        in_turn([first, third], [key.public_key()])
    last = third.rename(tmp_path / "2026-12-31.json")
    with pytest.raises(BadHead, match="is the head of 2026-11-26: its file was renamed"):
        in_turn([first, second, last], [key.public_key()])
    second.write_text(signed({"cases-0": Link(1, bytes(32))}, NOON + timedelta(days=1), key))
    with pytest.raises(BadHead, match="does not follow the head before it"):
        in_turn([first, second, last.rename(third)], [key.public_key()])


def test_keys_are_not_written_over_and_said_when_they_are_none(tmp_path):
    new_pair(tmp_path / "a.pem")
    with pytest.raises(BadKey):
        new_pair(tmp_path / "a.pem")
    with pytest.raises(BadKey):
        private_key(tmp_path / "a.pem.pub")
    with pytest.raises(BadKey):
        public_key(tmp_path / "absent")
