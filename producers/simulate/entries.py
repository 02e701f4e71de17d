"""Synthetic watchlist entries of a bureau: wanted and missing persons, documents, vehicles, weapons, ships, art."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from producers.identity import drawn_event_id
from producers.simulate.names import OTHERS, SCRIPTS, ScriptedName, draw_name
from producers.simulate.numbers import (
    MAKES,
    WEAPONS,
    draw_document_number,
    draw_imo,
    draw_mmsi,
    draw_plate,
    draw_serial,
    draw_vin,
)
from producers.simulate.plan import Plan
from producers.simulate.travellers import draw_birth, words_of
from schemas.codes import (
    Action,
    DocumentType,
    Instrument,
    LossStatus,
    NoticeType,
    Sex,
    Threat,
    Warning,
)
from schemas.events import WatchlistEntry
from schemas.subjects import Artwork, Document, Firearm, Name, Object, Subject, Vehicle, Vessel

ITEM_ID = "1"
_DECIDED_FROM = datetime(2025, 1, 1, tzinfo=UTC)
"""Entries do not move with the time of the simulation: made again with the same label, they are the same."""

_PERSONS: tuple[dict[str, Any], ...] = (
    {
        "instrument": Instrument.NOTICE,
        "notice_type": NoticeType.RED,
        "threat": Threat.DRUG_TRAFFICKING,
        "action": Action.ARREST,
        "warnings": (Warning.ARMED,),
    },
    {
        "instrument": Instrument.DIFFUSION,
        "threat": Threat.HUMAN_TRAFFICKING,
        "action": Action.LOCATE,
    },
    {
        "instrument": Instrument.NOTICE,
        "notice_type": NoticeType.YELLOW,
        "action": Action.PROTECT,
    },
    {
        "instrument": Instrument.NOTICE,
        "notice_type": NoticeType.GREEN,
        "threat": Threat.VIOLENT_EXTREMISM,
        "action": Action.DISCREET_CHECK,
    },
    {
        "instrument": Instrument.NATIONAL,
        "threat": Threat.FINANCIAL_CRIME,
        "action": Action.INQUIRY_CHECK,
    },
)


def synthetic_entries(random: Random, owner: str, plan: Plan, taken: set[frozenset[str]]) -> Iterator[WatchlistEntry]:
    """`plan.entries` entries of `owner`: every second a person, between them the kinds of things in turn.

    No person gets a name whose words are `taken`; those given are added.
    """
    things = (_document, _vehicle, _document, _firearm, _vessel, _document, _artwork)
    for number in range(plan.entries):
        decided = _DECIDED_FROM + timedelta(minutes=random.randrange(60 * 24 * 300))
        if number % 2:
            particular = things[number // 2 % len(things)](random, owner)
        else:
            particular = {**_PERSONS[number // 2 % len(_PERSONS)], "subject": _person(random, owner, taken)}
        yield WatchlistEntry(
            event_id=drawn_event_id(random, decided),
            producer=owner,
            occurred_at=decided,
            recorded_at=decided,
            exercise=plan.exercise,
            entry_id=f"{owner.upper()}-{plan.label}-{number + 1:04}",
            list_name=f"simulation {plan.label}",
            **particular,
        )


def _person(random: Random, owner: str, taken: set[frozenset[str]]) -> Subject:
    sex = random.choice((Sex.F, Sex.M))
    while (words := words_of((name := draw_name(random, sex)).full("Latn"))) in taken:
        continue
    taken.add(words)
    return Subject(
        subject_id=ITEM_ID,
        names=(_name(name, "Latn"), _name(name, OTHERS.get(owner, "Deva"))),
        births=(draw_birth(random),),
        sex=sex,
        nationalities=(owner,),
        documents=(Document(type=DocumentType.PASSPORT, number=draw_document_number(random), country=owner),),
    )


def _name(name: ScriptedName, script: str) -> Name:
    place = SCRIPTS.index(script)
    return Name(full=name.full(script), given=name.given[place], family=name.family[place], script=script)


def _document(random: Random, owner: str) -> dict[str, Any]:
    kind = random.choice((DocumentType.PASSPORT, DocumentType.ID_CARD))
    status = random.choice((LossStatus.STOLEN, LossStatus.LOST, LossStatus.STOLEN_BLANK, LossStatus.REVOKED))
    document = Document(type=kind, number=draw_document_number(random), country=owner)
    return _thing(Instrument.DOC_RECORD, Object(object_id=ITEM_ID, document=document, loss_status=status))


def _vehicle(random: Random, owner: str) -> dict[str, Any]:
    maker, make = random.choice(MAKES)
    vehicle = Vehicle(vin=draw_vin(random, maker), plate=draw_plate(random), country=owner, make=make)
    return _thing(Instrument.VEHICLE_RECORD, Object(object_id=ITEM_ID, vehicle=vehicle, loss_status=LossStatus.STOLEN))


def _firearm(random: Random, owner: str) -> dict[str, Any]:
    make, model, calibre = random.choice(WEAPONS)
    weapon = Firearm(serial=draw_serial(random), make=make, model=model, calibre=calibre)
    made = _thing(Instrument.FIREARM_RECORD, Object(object_id=ITEM_ID, firearm=weapon, loss_status=LossStatus.STOLEN))
    return made | {"threat": Threat.ILLICIT_WEAPONS}


def _vessel(random: Random, owner: str) -> dict[str, Any]:
    name = f"{random.choice(('Sagar', 'Meghna', 'Padma', 'Samudra', 'Nila'))} {random.randrange(2, 90)}"
    vessel = Vessel(imo=draw_imo(random), mmsi=draw_mmsi(random, owner), name=name, flag=owner)
    made = _thing(Instrument.VESSEL_RECORD, Object(object_id=ITEM_ID, vessel=vessel))
    return made | {"threat": Threat.DRUG_TRAFFICKING, "action": Action.SPECIFIC_CHECK}


def _artwork(random: Random, owner: str) -> dict[str, Any]:
    reference = f"{owner.upper()}-ART-{random.randrange(10**6, 10**7)}"
    work = Artwork(reference=reference, title="Standing Buddha", artist=None)
    return _thing(Instrument.ART_RECORD, Object(object_id=ITEM_ID, artwork=work, loss_status=LossStatus.STOLEN))


def _thing(instrument: Instrument, thing: Object) -> dict[str, Any]:
    return {"instrument": instrument, "action": Action.SEIZE, "object": thing}
