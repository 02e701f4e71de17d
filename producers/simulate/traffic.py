"""Incidents among bureaus with a known share of true matches. Pure: time and randomness are passed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from producers.identity import drawn_event_id
from producers.simulate.entries import ITEM_ID, synthetic_entries
from producers.simulate.numbers import MAKES, WEAPONS, draw_plate, draw_serial, draw_vin
from producers.simulate.plan import NAMED, Bureau, Difficulty, ImpossiblePlan, Plan, Traffic, Truth
from producers.simulate.sightings import difficulties_of, met_object, met_person
from producers.simulate.travellers import Strangers, listed_words
from schemas.codes import Crossing, CrossingMode, DetentionBasis, IncidentType
from schemas.events import Incident, Location, WatchlistEntry
from schemas.identity import incident_id
from schemas.subjects import Document, Firearm, Object, Subject, Vehicle

_POINTS = {
    "bd": ("Benapole", "Dhaka Airport", "Akhaura", "Chattogram Port"),
    "in": ("Petrapole", "Delhi Airport", "Raxaul", "Attari"),
    "np": ("Birgunj", "Kathmandu Airport", "Kakarbhitta"),
    "bt": ("Phuentsholing", "Paro Airport"),
    "lk": ("Colombo Port", "Katunayake Airport"),
    "mv": ("Velana Airport", "Male Port"),
    "pk": ("Wagah", "Karachi Port", "Torkham"),
    "af": ("Torkham", "Kabul Airport", "Spin Boldak"),
    "mm": ("Muse", "Yangon Airport"),
    "th": ("Suvarnabhumi Airport", "Mae Sot"),
    "fr": ("Paris CDG", "Marseille Port"),
}
_DETAINED = 0.1
MOST_ENTRIES = 400
"""Synthetic entries of a bureau: what the table of names gives distinct names for, with room to draw."""


def simulate(random: Random, listed: Sequence[WatchlistEntry], plan: Plan) -> Traffic:
    """Synthetic entries of every bureau, and incidents that meet them, or the `listed` ones, in a known share.

    Raises ImpossiblePlan when nothing can be met at the difficulty asked for.
    """
    if not plan.bureaus:
        raise ImpossiblePlan("no bureau takes part")
    if not 0 <= plan.share <= 1:
        raise ImpossiblePlan(f"the share of true matches is between 0 and 1, not {plan.share}")
    if plan.entries > MOST_ENTRIES:
        raise ImpossiblePlan(f"at most {MOST_ENTRIES} synthetic entries a bureau, not {plan.entries}")
    taken = listed_words(listed)
    made = tuple(entry for bureau in plan.bureaus for entry in synthetic_entries(random, bureau.code, plan, taken))
    return _Simulation(random, listed, made, plan).run()


class _Simulation:
    def __init__(
        self, random: Random, listed: Sequence[WatchlistEntry], made: tuple[WatchlistEntry, ...], plan: Plan
    ) -> None:
        self._random = random
        self._plan = plan
        self._made = made
        entries = (*listed, *made)
        self._given = {entry.producer for entry in listed}
        self._strangers = Strangers(random, entries)
        wanted = NAMED if plan.difficulty is Difficulty.MIXED else (plan.difficulty,)
        able = [(entry, difficulties_of(entry)) for entry in entries if entry.exercise is plan.exercise]
        self._met = {level: [entry for entry, levels in able if level in levels] for level in wanted}
        self._levels = [level for level in wanted if self._met[level]]

    def run(self) -> Traffic:
        count = self._plan.incidents
        true = set(self._random.sample(range(count), round(count * self._plan.share)))
        if true and not self._levels:
            raise ImpossiblePlan(f"no entry can be met at the difficulty {self._plan.difficulty.value}")
        span = int(self._plan.spread / timedelta(milliseconds=1))
        times = sorted(self._plan.at - timedelta(milliseconds=self._random.randint(0, span)) for _ in range(count))
        incidents: list[Incident] = []
        truth: list[Truth] = []
        for number, at in enumerate(times):
            if number in true:
                incident, known = self._match(number, at)
                truth.append(known)
            else:
                incident = self._ordinary(number, at)
            incidents.append(incident)
        return Traffic(self._made, tuple(incidents), tuple(truth))

    def _match(self, number: int, at: datetime) -> tuple[Incident, Truth]:
        random = self._random
        level = random.choice(self._levels)
        entry = self._drawn_entry(level)
        abroad = [bureau for bureau in self._plan.bureaus if bureau.code != entry.producer]
        bureau = random.choice(abroad or list(self._plan.bureaus))
        detained = random.random() < _DETAINED
        more: dict[str, Any] = {"detained": detained}
        if detained:
            more["detention_basis"] = random.choice((DetentionBasis.HIT_ONLY, DetentionBasis.OTHER))
        if entry.subject is not None:
            met = met_person(random, entry.subject, level, self._strangers, bureau.code, ITEM_ID)
            kind = random.choice((IncidentType.BORDER_CHECK, IncidentType.ADVANCE_PASSENGER))
            incident = self._incident(number, at, bureau, kind, subjects=(met,), **more)
        else:
            assert entry.object is not None  # difficulties_of said so
            thing = met_object(random, entry.object, level, ITEM_ID)
            incident = self._incident(number, at, bureau, _type_for(thing), objects=(thing,), **more)
        return incident, Truth(
            incident_id=incident.incident_id,
            country=bureau.code,
            item_id=ITEM_ID,
            owner=entry.producer,
            entry_id=entry.entry_id,
            difficulty=level,
        )

    def _drawn_entry(self, level: Difficulty) -> WatchlistEntry:
        """From a given list as often as from the bureaus' own entries, of which each bureau's are met equally often."""
        owners = sorted({entry.producer for entry in self._met[level]})
        groups = [[o for o in owners if o in self._given], [o for o in owners if o not in self._given]]
        owner = self._random.choice(self._random.choice([group for group in groups if group]))
        return self._random.choice([entry for entry in self._met[level] if entry.producer == owner])

    def _ordinary(self, number: int, at: datetime) -> Incident:
        random = self._random
        bureau = random.choice(self._plan.bureaus)
        home = random.choice(self._plan.bureaus).code
        draw = random.random()
        if draw < 0.1:
            maker, make = random.choice(MAKES)
            vehicle = Vehicle(vin=draw_vin(random, maker), plate=draw_plate(random), country=home, make=make)
            return self._incident(
                number,
                at,
                bureau,
                IncidentType.VEHICLE_STOP,
                subjects=(self._stranger(home),),
                objects=(Object(object_id="2", vehicle=vehicle),),
            )
        if draw < 0.14:
            document = Document(number=self._strangers.number(), country=home)
            thing = Object(object_id=ITEM_ID, document=document)
            return self._incident(number, at, bureau, IncidentType.DOC_PRESENTED, objects=(thing,))
        if draw < 0.16:
            make, model, calibre = random.choice(WEAPONS)
            weapon = Firearm(serial=draw_serial(random), make=make, model=model, calibre=calibre)
            thing = Object(object_id=ITEM_ID, firearm=weapon)
            return self._incident(number, at, bureau, IncidentType.WEAPON_SEIZED, objects=(thing,))
        kind = IncidentType.ADVANCE_PASSENGER if draw < 0.4 else IncidentType.BORDER_CHECK
        return self._incident(number, at, bureau, kind, subjects=(self._stranger(home),))

    def _stranger(self, home: str) -> Subject:
        return self._strangers.traveller(home, ITEM_ID)

    def _incident(self, number: int, at: datetime, bureau: Bureau, kind: IncidentType, **particular: Any) -> Incident:
        random = self._random
        point = random.choice(_POINTS.get(bureau.code, ("Central Station",)))
        source = f"simulation {self._plan.label} {self._plan.at.isoformat()}"
        return Incident(
            event_id=drawn_event_id(random, at),
            producer=bureau.code,
            occurred_at=at,
            recorded_at=at,
            exercise=self._plan.exercise,
            incident_id=incident_id(bureau.code, source, str(number + 1)),
            incident_type=kind,
            location=Location(
                country=bureau.code,
                point=point,
                crossing=random.choice((Crossing.ENTRY, Crossing.ENTRY, Crossing.EXIT)),
                mode=_mode(point),
            ),
            zone=bureau.zone,
            **particular,
        )


def _type_for(thing: Object) -> IncidentType:
    if thing.document:
        return IncidentType.DOC_PRESENTED
    if thing.vehicle:
        return IncidentType.VEHICLE_STOP
    if thing.firearm:
        return IncidentType.WEAPON_SEIZED
    return IncidentType.SIGHTING if thing.vessel else IncidentType.ART_RECOVERED


def _mode(point: str) -> CrossingMode:
    if "Airport" in point or "CDG" in point:
        return CrossingMode.AIR
    return CrossingMode.SEA if "Port" in point else CrossingMode.LAND
