"""Alerts as Common Alerting Protocol 1.2 (OASIS, 2010), for dispatch systems that speak it.

Such systems pass on what they get, to cars and posts. So a CAP message holds what the front line may see (what to do,
dangers, how sure, where) and the references by which the bureau finds the case, but no name, document or remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.etree import ElementTree

from consumers.forwarder.ledger import Notice
from consumers.forwarder.message import band_of
from consumers.watch.wording import ACTIONS, AT_THE_POST, BANDS, INCIDENTS, MODES, TARGETS, WARNINGS, words
from schemas.alerts import Alert, Digest, EntryView, IncidentView
from schemas.codes import Action, AlertStatus, Band, FrontLineAction, Mode, Priority, Warning
from schemas.model import timestamp

CAP_TYPE = "application/cap+xml"
NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
PROFILE = "tocsin:1"
"""Stands in <code>: which parameters there are and how codes were mapped. Raised when either changes."""
_HEADLINE = 160
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_STATUS = {Mode.EXERCISE: "Exercise", Mode.TEST: "Test"}
_URGENCY = {Priority.URGENT: "Immediate", Priority.ROUTINE: "Expected", Priority.SUPPLEMENTARY: "Future"}
# A match is likely at best: observed it is only when a person has confirmed it.
_CERTAINTY = {Band.EXACT: "Likely", Band.STRONG: "Likely", Band.POSSIBLE: "Possible"}
_DANGEROUS = frozenset((Warning.UNKNOWN, Warning.ARMED, Warning.VIOLENT, Warning.TERROR_RELATED))
_GRAVE = frozenset((Action.ARREST, Action.PROTECT))
_EXECUTE = frozenset(
    (FrontLineAction.ARREST, FrontLineAction.SEIZE, FrontLineAction.SEARCH, FrontLineAction.REFUSE_ENTRY)
)
_MONITOR = frozenset((FrontLineAction.OBSERVE, FrontLineAction.LOCATE))


def alert_cap(alert: Alert, id_: str, reference: str | None) -> bytes:
    """The alert as CAP. `reference`: id and time (milliseconds) of the message that this one updates or cancels."""
    root = _head(alert.recipient, id_, alert.revised_at, _STATUS.get(alert.exercise, "Actual"))
    _add(root, "msgType", _message_type(alert, reference))
    _scope(root, alert.recipient, f"TLP:{alert.tlp.replace('_', '+')} {alert.handling_code}")
    if alert.status is AlertStatus.RETRACTED:
        _add(root, "note", "RETRACTED: the match no longer holds, or a digest ended. Stop acting on it.")
    elif alert.status is AlertStatus.WITHDRAWN:
        _add(root, "note", "WITHDRAWN: delete what you hold of it.")
    if reference is not None:
        earlier, _, at = reference.partition(" ")
        _add(root, "references", f"{_sender(alert.recipient)},{earlier},{_time(timestamp(int(at)))}")
    if alert.incident is not None and alert.entry is not None:
        _add(root, "incidents", alert.incident.incident_id)
        _info(root, alert, alert.incident, alert.entry)
    elif alert.status is AlertStatus.LIVE and alert.digest is not None and alert.entry is not None:
        _digest_info(root, alert, alert.digest, alert.entry)
    return _bytes(root)


def notice_cap(notice: Notice, id_: str) -> bytes:
    """The notice that another endpoint of the bureau was disabled."""
    root = _head(notice.participant, id_, notice.at, "System")
    _add(root, "msgType", "Alert")
    _scope(root, notice.participant, "system message")
    _add(root, "note", f"endpoint.disabled: subscription {notice.subscription_id} ({notice.why})")
    return _bytes(root)


def _message_type(alert: Alert, reference: str | None) -> str:
    if alert.status is not AlertStatus.LIVE:
        return "Cancel"
    return "Alert" if reference is None else "Update"


def _head(recipient: str, id_: str, sent: datetime, status: str) -> ElementTree.Element:
    root = ElementTree.Element("alert", {"xmlns": NAMESPACE})
    _add(root, "identifier", id_)
    _add(root, "sender", _sender(recipient))
    _add(root, "sent", _time(sent))
    _add(root, "status", status)
    return root


def _scope(root: ElementTree.Element, recipient: str, restriction: str) -> None:
    _add(root, "scope", "Restricted")
    _add(root, "restriction", f"{restriction}, for {recipient} alone")
    _add(root, "code", PROFILE)


def _info(root: ElementTree.Element, alert: Alert, incident: IncidentView, entry: EntryView) -> None:
    info = ElementTree.SubElement(root, "info")
    band = band_of(alert)
    what, response = _asked(alert, entry)
    warnings = alert.front_line.warnings if alert.front_line else entry.warnings
    _add(info, "language", "en")
    _add(info, "category", "Security")
    _add(info, "event", f"{INCIDENTS[incident.incident_type]}: {words(entry.instrument)}")
    _add(info, "responseType", response)
    _add(info, "urgency", _URGENCY.get(alert.priority, "Unknown"))
    _add(info, "severity", _severity(entry, warnings))
    _add(info, "certainty", _CERTAINTY.get(band, "Unknown"))
    _add(info, "senderName", f"Tocsin, for {entry.owner}")
    _add(info, "headline", f"{MODES[alert.exercise]}{BANDS[band]}: {what}"[:_HEADLINE])
    _add(info, "description", "\n".join(_described(alert, incident, what, warnings)))
    _add(info, "instruction", "A match is no hit until a person has confirmed it. The case tells whom it is about.")
    _add_parameters(info, _parameters(alert, entry, band))
    area = ElementTree.SubElement(info, "area")
    _add(area, "areaDesc", ", ".join(filter(None, (incident.location.point, incident.location.country))))


def _digest_info(root: ElementTree.Element, alert: Alert, digest: Digest, entry: EntryView) -> None:
    """Many POSSIBLE matches of one entry: nothing to act on before somebody asked for one of them."""
    info = ElementTree.SubElement(root, "info")
    _add(info, "language", "en")
    _add(info, "category", "Security")
    _add(info, "event", f"Digest: {words(entry.instrument)}")
    _add(info, "responseType", "Assess")
    _add(info, "urgency", _URGENCY.get(alert.priority, "Unknown"))
    _add(info, "severity", _severity(entry, entry.warnings))
    _add(info, "certainty", "Possible")
    _add(info, "senderName", f"Tocsin, for {entry.owner}")
    many = f"{digest.count} POSSIBLE matches of one entry"
    _add(info, "headline", f"{MODES[alert.exercise]}{many}"[:_HEADLINE])
    _add(info, "description", f"{many}, from {_time(digest.since)} to {_time(digest.until)}")
    _add(info, "instruction", "Each is sent by itself once somebody asks for its details in the case.")
    _add_parameters(info, (*_parameters(alert, entry, Band.POSSIBLE), ("count", str(digest.count))))
    area = ElementTree.SubElement(info, "area")
    met = sorted({one.producer for one in digest.members})
    _add(area, "areaDesc", ", ".join(met) or "not stated")


def _asked(alert: Alert, entry: EntryView) -> tuple[str, str]:
    """What to do, in words, and CAP's responseType. At the post it is never more than the front line may be told."""
    if alert.front_line is None:
        return ACTIONS[entry.action], "Assess"
    action, target = alert.front_line.action, TARGETS[alert.front_line.target]
    response = "Execute" if action in _EXECUTE else "Monitor" if action in _MONITOR else "Assess"
    return f"{AT_THE_POST[action]} ({target})" if target else AT_THE_POST[action], response


def _severity(entry: EntryView, warnings: tuple[Warning, ...]) -> str:
    if _DANGEROUS & set(warnings):
        return "Extreme"
    return "Severe" if entry.action in _GRAVE else "Moderate"


def _described(alert: Alert, incident: IncidentView, what: str, warnings: tuple[Warning, ...]) -> Iterator[str]:
    yield what
    if warnings:
        yield "Danger: " + ", ".join(WARNINGS[one] for one in warnings)
    yield f"Met at {_time(incident.occurred_at)}; {'held' if incident.detained else 'not held'}"
    if alert.retrospective:
        yield "The entry came after the incident"


def _parameters(alert: Alert, entry: EntryView, band: Band) -> Iterator[tuple[str, str]]:
    yield "alert_id", alert.alert_id
    yield "revision", str(alert.revision)
    yield "role", alert.role.value
    yield "band", band.value
    yield "owner", entry.owner
    yield "workflow", alert.workflow.value
    if alert.case_ref is not None:
        yield "case_ref", alert.case_ref
    if entry.operation is not None:
        yield "operation", entry.operation


def _add_parameters(info: ElementTree.Element, parameters: Iterable[tuple[str, str]]) -> None:
    for name, value in parameters:
        parameter = ElementTree.SubElement(info, "parameter")
        _add(parameter, "valueName", f"tocsin:{name}")
        _add(parameter, "value", value)


def _sender(recipient: str) -> str:
    return f"tocsin.{recipient}"


def _time(at: datetime) -> str:
    """CAP knows no fractions and no Z: UTC is written -00:00 (3.3.2)."""
    return f"{at:%Y-%m-%dT%H:%M:%S}-00:00"


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _NOT_XML.sub("", text)


def _bytes(root: ElementTree.Element) -> bytes:
    made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made
