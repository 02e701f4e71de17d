"""Answers to a digest: acknowledged, or its matches asked for, which are then sent one by one."""

from __future__ import annotations

from itertools import islice

from schemas.codes import AlertStatus, RejectReason, ResponseKind
from schemas.internal import GatedResponse
from streams.stages import keys, versions
from streams.stages.cases.alerts import cost_of, judge_pair
from streams.stages.cases.audit import answered, refused
from streams.stages.cases.floods import MOVES, renewed
from streams.stages.cases.records import DIGESTS, ENTRIES, MEMBERS, PAIRS
from streams.stages.cases.running import Step
from streams.stages.versions import Standing

DETAILS_OF_DIGEST = "details"
"""The work of sending the rest of a digest's matches one by one."""
_MARKS = {ResponseKind.RECEIPT: "shown_at", ResponseKind.ACKNOWLEDGE: "acknowledged_at"}
NOT_BEFORE = f"Ask for the match first. Possible for you: {', '.join(MOVES)}."


def on_digest_response(step: Step, gated: GatedResponse, key: str, unknown: str) -> None:
    """Take in what a holder of the digest at `key` says. `unknown` is what everybody else is told."""
    response, source = gated.response, gated.source
    digest = step.state.get(DIGESTS, key)
    holder = next((one for one in digest.holders if one.recipient == response.producer), None) if digest else None
    withdrawn = holder is not None and holder.status is AlertStatus.WITHDRAWN and response.kind not in _MARKS
    if digest is None or holder is None or holder.status is AlertStatus.UNKNOWN or withdrawn:
        refused(step, source, response.event_id, RejectReason.UNKNOWN_CASE, unknown, place="case_ref")
        return
    heard = versions.judge(holder.heard, source, response.event_id, holder.heard.version + 1, source.sha256)
    if heard.standing is Standing.REPEAT:
        step.count("repeats")
        return
    holder = holder.model_copy(update={"heard": heard.history})
    details = False
    if heard.standing is not Standing.NEWER:
        if heard.reason is not None:
            refused(step, source, response.event_id, heard.reason, heard.detail, place=heard.place)
        else:
            step.count("duplicates")
    elif response.exercise is not keys.mode_of(key):
        detail = "An answer has the mode (ACTUAL, EXERCISE or TEST) of its alert."
        refused(step, source, response.event_id, RejectReason.MODE_CHANGED, detail, place="exercise")
    elif (field := _MARKS.get(response.kind)) is not None:
        holder = holder.model_copy(update={field: getattr(holder, field) or step.now})
        answered(step, digest.alert_id, gated.response)
    elif response.kind is ResponseKind.REQUEST_DETAILS and holder.count:
        details = True
        answered(step, digest.alert_id, gated.response)
    else:
        legal = ", ".join(MOVES if holder.count else MOVES[:1])
        detail = f"This answer is not possible now. Possible for you: {legal}."
        refused(step, source, response.event_id, RejectReason.ILLEGAL_MOVE, detail, place="kind")
    renewed(step, key, digest, holder)
    if details:
        send_details(step, key, response.producer)


def send_details(step: Step, key: str, recipient: str, after: str = "") -> None:
    """Send the matches that the digest counts for `recipient` by themselves, as many as one step takes."""
    most, work = step.setting.rules.pairs_per_step, 0
    entry = step.state.get(ENTRIES, keys.split(key)[0])
    for place, member in list(islice(step.state.scan(MEMBERS, keys.joined(key, recipient, ""), after), most + 1)):
        if work >= most:
            step.go_on(DETAILS_OF_DIGEST, key, 0, after, detail=recipient)
            return
        pair = step.state.get(PAIRS, member.pair)
        if pair is not None and pair.digest == key:
            judge_pair(step, pair, pair.model_copy(update={"released": True}))
            work += cost_of(pair, entry)
        after = place
