"""Floods (domain rule 15): above so many POSSIBLE matches of an entry in an hour, the rest goes out as one digest.

Which matches are counted: POSSIBLE ones, of nobody who is held, that were never sent by themselves. STRONG and EXACT
never, nor whatever was sent once. Every counted match is kept and judged as any other; it leaves the digest, and is
sent by itself, as soon as a stronger identification comes, somebody is held, or a recipient asks for it
(REQUEST_DETAILS, for one of them or for the whole digest). So nothing is dropped.

Owner, `ccc` and each locator get a digest of their own: it counts and lists only what they may know of, and takes the
place of those alerts. It is an alert itself, with an alert_id of its entry, hour and scope, and is revised for each as
its own count changes: at once the first time, when it loses the last match in it and when it loses the right to one,
else once a minute. No number, time or handling code that one sees comes from a match of which it may not know (rule 2).
What remains: the limit is the entry's, so that a locator whose first match waits in a digest learns that the entry has
others somewhere; not whose, how many or when. A limit for each locator would drown the owner, whom it protects.

What is in a digest depends on which matches came first, so of invariant 4 this remains: per recipient, the alerts
that are live and those that digests count are, taken together, the same in any legal order. The digest is about
delivery, never about existence.
"""

from __future__ import annotations

from collections.abc import Set
from itertools import islice

from schemas.alerts import Alert, Digest, DigestMember
from schemas.codes import AlertStatus, Band, EntryStatus, Priority, ResponseKind, Scope
from schemas.envelope import Handling
from schemas.model import timestamp
from schemas.topics import DAY, HOUR
from streams.stages import keys
from streams.stages.cases import freshness
from streams.stages.cases.dissemination import Side, lets_know
from streams.stages.cases.judgement import Judgement
from streams.stages.cases.records import (
    CASES,
    DIGESTS,
    ENTRIES,
    FLOODS,
    MEMBERS,
    CaseState,
    DigestHolder,
    DigestState,
    DueKind,
    EntryState,
    FloodState,
    HandlingCount,
    Holder,
    MemberState,
    PairState,
    pair_key,
)
from streams.stages.cases.running import Step
from streams.stages.cases.sending import sent
from streams.stages.cases.views import View, digest_view, empty_alert, entry_view, priority, stricter
from streams.stages.contract import Millis

MOVES = (ResponseKind.ACKNOWLEDGE, ResponseKind.REQUEST_DETAILS)
"""What may be answered to a digest, and to a match that it counts."""


def place_of(step: Step, pair: PairState, judgement: Judgement) -> str:
    """Key of the digest that is to count `pair`; empty when it is sent by itself, or nobody is told."""
    match = judgement.match
    if match is None or not judgement.audience.roles or pair.released:
        return ""
    if any(holder.status is not AlertStatus.UNKNOWN for holder in pair.holders):
        return ""
    if match.band is not Band.POSSIBLE or priority(pair.context) is not Priority.SUPPLEMENTARY:
        return ""
    if pair.digest:
        return pair.digest
    start = step.now - step.now % HOUR
    flood = step.state.get(FLOODS, pair.entry_key)
    count = flood.count if flood is not None and flood.start == start else 0
    if count < step.setting.rules.possible_per_hour:
        step.state.put(FLOODS, pair.entry_key, FloodState(start=start, count=count + 1))
        return ""
    return keys.joined(pair.entry_key, f"{start:015d}", judgement.audience.scope)


def recounted(step: Step, pair: PairState, entry: EntryState | None, judgement: Judgement, place: str) -> PairState:
    """The pair counted in the digest `place`, or in none any more, each digest's recipients told of it.

    The pair's holders are then those for whom it is counted. One that goes on to be sent by itself keeps them, with
    what was heard of them.
    """
    key = place or pair.digest
    wanted = dict(judgement.audience.roles) if place else {}
    counted = {holder.recipient: holder for holder in pair.holders} if pair.digest else {}
    digest = step.state.get(DIGESTS, key) or _begun(step, key)
    holders = {holder.recipient: holder for holder in digest.holders}
    lost = {each for each in counted.keys() - wanted.keys() if judgement.audience.role_of(each) is None}
    for recipient in counted.keys() - wanted.keys():
        less = _without(step, key, holders[recipient], pair)
        holders[recipient] = less.model_copy(update={"keeps_right": recipient not in lost})
    member = _member(step, pair)
    for recipient, role in wanted.items():
        held = holders.get(recipient) or DigestHolder.begun(recipient, role, step.now)
        if recipient in counted:
            held = _without(step, key, held, pair)
        step.state.put(MEMBERS, _member_key(key, recipient, pair), member)
        holders[recipient] = _changed_by(held, member, 1).model_copy(update={"role": role})
    step.count("digested", bool(place) - bool(pair.digest))
    _tell(step, key, digest, holders, counted.keys() | wanted.keys(), lost, entry)
    kept = {
        recipient: counted.get(recipient) or Holder(recipient=recipient, role=role, status=AlertStatus.UNKNOWN)
        for recipient, role in judgement.audience.roles
        if judgement.match is not None and (recipient in counted or place)
    }
    return pair.model_copy(update={"digest": place, "holders": tuple(kept[each] for each in sorted(kept))})


def forget_member(step: Step, pair: PairState) -> None:
    """Take a pair that is forgotten out of its digest; nobody is told, as of any forgetting."""
    digest = step.state.get(DIGESTS, pair.digest)
    if digest is None:
        return
    left = {holder.recipient for holder in pair.holders}
    holders = tuple(
        _without(step, pair.digest, holder, pair) if holder.recipient in left else holder for holder in digest.holders
    )
    step.state.put(DIGESTS, pair.digest, digest.model_copy(update={"holders": holders}))
    step.count("digested", -1)


def forget_digest(step: Step, key: str) -> None:
    """Forget a digest long after its last change, and not before the last match in it."""
    digest, age = step.state.get(DIGESTS, key), step.setting.rules.pair_age
    if digest is None:
        return
    if digest.changed_at + age > step.now or any(holder.count for holder in digest.holders):
        step.remind(max(digest.changed_at + age, step.now + DAY), DueKind.FORGET_DIGEST, key)
        return
    for holder in digest.holders:
        _set_due(step, key, holder, 0)
    step.state.delete(DIGESTS, key)
    step.state.delete(CASES, digest.alert_id)


def tell_again(step: Step, holder_key: str, due_at: Millis) -> None:
    """The time has come to tell a holder how its digest stands; nothing if that is not due any more."""
    *of_digest, recipient = keys.split(holder_key)
    key = keys.joined(*of_digest)
    digest = step.state.get(DIGESTS, key)
    holder = next((one for one in digest.holders if one.recipient == recipient), None) if digest else None
    if digest is None or holder is None or holder.due_at != due_at:
        return
    entry = step.state.get(ENTRIES, of_digest[0])
    told = _revised(step, key, digest, holder.model_copy(update={"due_at": 0}), entry)
    step.state.put(DIGESTS, key, _with(digest, {recipient: told}))


def renewed(step: Step, key: str, digest: DigestState, holder: DigestHolder) -> None:
    """Store a digest after `holder`, one of its own, changed its marks, and show them to it."""
    entry = step.state.get(ENTRIES, keys.split(key)[0])
    told = _revised(step, key, digest, holder, entry)
    step.state.put(DIGESTS, key, _with(digest, {holder.recipient: told}).model_copy(update={"changed_at": step.now}))


def _tell(
    step: Step,
    key: str,
    digest: DigestState,
    holders: dict[str, DigestHolder],
    concerned: Set[str],
    at_once: Set[str],
    entry: EntryState | None,
) -> None:
    """Say to those whom a change concerns how the digest stands, now or once their minute is over.

    Whoever is in `at_once` lost the right to a match that the digest still lists (rule 2).
    """
    if step.state.get(DIGESTS, key) is None:
        step.state.put(CASES, digest.alert_id, CaseState(pair="", digest=key))
        step.remind(step.now + step.setting.rules.pair_age, DueKind.FORGET_DIGEST, key)
    told: dict[str, DigestHolder] = {}
    for recipient in sorted(concerned):
        holder = holders[recipient]
        ends = holder.status is AlertStatus.LIVE and (not holder.count or recipient in at_once)
        next_time = holder.sent_at + step.setting.rules.digest_every
        if ends or not holder.sent_at or next_time <= step.now:
            told[recipient] = _revised(step, key, digest, _set_due(step, key, holder, 0), entry)
        else:
            told[recipient] = _set_due(step, key, holder, next_time)
    step.state.put(DIGESTS, key, _with(digest, told).model_copy(update={"changed_at": step.now}))


def _set_due(step: Step, key: str, holder: DigestHolder, at: Millis) -> DigestHolder:
    step.set_deadline(holder.due_at, at, DueKind.DIGEST, keys.joined(key, holder.recipient))
    return holder.model_copy(update={"due_at": at})


def _with(digest: DigestState, changed: dict[str, DigestHolder]) -> DigestState:
    holders = {holder.recipient: holder for holder in digest.holders} | changed
    return digest.model_copy(update={"holders": tuple(holders[recipient] for recipient in sorted(holders))})


def _without(step: Step, key: str, holder: DigestHolder, pair: PairState) -> DigestHolder:
    """The holder without `pair`, which the digest at `key` counted for it."""
    place = _member_key(key, holder.recipient, pair)
    member = step.state.get(MEMBERS, place)
    if member is None:
        return holder
    step.state.delete(MEMBERS, place)
    return _changed_by(holder, member, -1)


def _changed_by(holder: DigestHolder, member: MemberState, by: int) -> DigestHolder:
    counts = {(one.code, one.tlp): one.count for one in holder.handlings}
    counts[member.code, member.tlp] = counts.get((member.code, member.tlp), 0) + by
    kept = tuple(HandlingCount(code=code, tlp=tlp, count=n) for (code, tlp), n in sorted(counts.items()) if n)
    return holder.model_copy(update={"count": holder.count + by, "handlings": kept})


def _revised(step: Step, key: str, digest: DigestState, holder: DigestHolder, entry: EntryState | None) -> DigestHolder:
    """Send to the holder its view, if that changed; returns what it holds then."""
    view = _view(step, key, digest, entry, holder)
    if view is None or view.digest == holder.view:
        return holder
    number = holder.revision + 1
    age = freshness.age(step, entry) if entry is not None else None
    return sent(step, keys.split(key)[0], view, number, age, holder).model_copy(update={"revision": number})


def _view(step: Step, key: str, digest: DigestState, entry: EntryState | None, holder: DigestHolder) -> View | None:
    """What the recipient is to see now; None when it holds nothing and there is nothing to tell."""
    scope = Scope(keys.split(key)[2])
    if not holder.count or entry is None:
        if holder.status is not AlertStatus.LIVE:
            return None
        if not holder.keeps_right:  # content-free: not even that it was a digest
            bare = _empty(key, digest, holder, AlertStatus.WITHDRAWN, scope)
        else:
            ended = {"digest": _counted(digest, 0)}
            bare = _empty(key, digest, holder, AlertStatus.RETRACTED, scope).model_copy(update=ended)
        return digest_view(bare, step.setting.rules.view_size)
    if not _may_tell(entry, holder.recipient, scope):
        return None  # its matches are being judged again: nothing of this version before they are, then its withdrawal
    listed = islice(step.state.scan(MEMBERS, keys.joined(key, holder.recipient, "")), step.setting.rules.digest_listed)
    handling = entry.entry.handling
    for counted in holder.handlings:
        handling = stricter(handling, Handling(code=counted.code, tlp=counted.tlp))
    full = _empty(key, digest, holder, AlertStatus.LIVE, scope).model_copy(
        update={
            "case_ref": str(keys.CaseRef(step.setting.partition, digest.alert_id)),
            "entry": entry_view(entry.entry, holder.role),
            "digest": _counted(digest, holder.count, tuple(member.shown for _, member in listed)),
            "allowed_moves": MOVES,
            "acknowledged_at": timestamp(holder.acknowledged_at) if holder.acknowledged_at else None,
            "handling_code": handling.code,
            "tlp": handling.tlp,
        }
    )
    return digest_view(full, step.setting.rules.view_size)


def _counted(digest: DigestState, count: int, members: tuple[DigestMember, ...] = ()) -> Digest:
    return Digest(count=count, since=timestamp(digest.start), until=timestamp(digest.start + HOUR), members=members)


def _may_tell(entry: EntryState, recipient: str, scope: Scope) -> bool:
    of = entry.entry
    if of.status is not EntryStatus.ACTIVE:
        return False
    return scope is Scope.DOMESTIC or lets_know(Side(of.producer, of.exercise, of.handling), recipient, of.producer)


def _empty(key: str, digest: DigestState, holder: DigestHolder, status: AlertStatus, scope: Scope) -> Alert:
    mode = keys.parse(keys.split(key)[0]).mode
    return empty_alert(digest.alert_id, status, holder.recipient, holder.role, scope, mode, holder.raised_at)


def _begun(step: Step, key: str) -> DigestState:
    entry_key, start, scope = keys.split(key)
    alert_id = keys.digest_id(entry_key, int(start), scope)
    return DigestState(alert_id=alert_id, start=int(start), changed_at=step.now)


def _member(step: Step, pair: PairState) -> MemberState:
    context = pair.context
    shown = DigestMember(
        alert_id=pair.alert_id,
        case_ref=str(keys.CaseRef(step.setting.partition, pair.alert_id)),
        producer=context.producer,
        incident_id=context.incident_id,
        item_id=pair.item_id,
        occurred_at=context.occurred_at,
    )
    place = pair_key(pair.entry_key, pair.incident_key, pair.item_id)
    return MemberState(pair=place, shown=shown, code=context.handling.code, tlp=context.handling.tlp)


def _member_key(digest: str, recipient: str, pair: PairState) -> str:
    return keys.joined(digest, recipient, pair.incident_key, pair.item_id)
