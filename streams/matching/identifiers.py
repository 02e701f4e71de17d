"""Identifiers graded: a number alone proves little; with its type and its issuer it is EXACT (domain rule 10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.codes import Band, DocumentType, Verdict
from schemas.subjects import Firearm, Object, Subject, Vehicle, Vessel
from streams.matching.evidence import Finding
from streams.matching.issuers import issuer
from streams.matching.numbers import Number, exact, folded, imo_is_valid, numbers_of, vin_is_wellformed

EXACT_BITS = 33.0
"""A number with its type and issuer: ten digits, no two alike."""
STRONG_BITS = 20.0
POSSIBLE_BITS = 11.0
"""A number without its issuer: most of some 200 issuers count from the same beginnings."""
CONFLICT_BITS = -3.0
"""Another plate, name or flag on the same thing: they are changed."""

_LABEL = {
    "document": "document number",
    "vin": "vehicle identification number",
    "plate": "registration plate",
    "firearm": "serial number",
    "imo": "IMO number",
    "mmsi": "MMSI",
    "artwork": "artwork reference",
}
_BITS = {Band.EXACT: EXACT_BITS, Band.STRONG: STRONG_BITS, Band.POSSIBLE: POSSIBLE_BITS}


@dataclass(frozen=True, slots=True)
class Shared:
    """A number that both sides refer to. `band` is what it alone would make; None if it is another's number."""

    band: Band | None
    finding: Finding


def compare(left: Subject | Object, right: Subject | Object) -> tuple[Shared, ...]:
    """Every number that both sides share after folding, graded; the strongest of each first."""
    if isinstance(left, Subject) and isinstance(right, Subject) and not (left.documents and right.documents):
        return ()
    found: dict[tuple[str, str], Shared] = {}
    for a in numbers_of(left):
        for b in numbers_of(right):
            if a.kind == b.kind and folded(a.text) == folded(b.text):
                shared = _grade(a, b, left, right)
                key = (a.kind, folded(a.text))
                if key not in found or _rank(shared) > _rank(found[key]):
                    found[key] = shared
    return tuple(sorted(found.values(), key=_rank, reverse=True))


def _rank(shared: Shared) -> tuple[float, str, str, str]:
    finding = shared.finding
    return (finding.weight, finding.left, finding.right, finding.note or "")


def _shown(number: Number) -> str:
    parts = [number.text]
    if number.kind == "document" and number.type is not DocumentType.UNKNOWN:
        parts.append(number.type.value.lower().replace("_", " "))
    if number.kind in ("document", "plate") and (by := issuer(number.issuer)):
        parts.append(by)
    return ", ".join(parts)


def _grade(a: Number, b: Number, left: Subject | Object, right: Subject | Object) -> Shared:
    band, notes = _KINDS[a.kind](a, b, left, right)
    if band is not None and exact(a.text) != exact(b.text):
        band = Band.POSSIBLE
        notes = ["agrees only after merging O/0, I/1, S/5, B/8 and Z/2", *notes]
    if band is None:
        verdict, weight = Verdict.DIFFERS, 0.0
    else:
        verdict, weight = (Verdict.CLOSE if band is Band.POSSIBLE else Verdict.AGREES), _BITS[band]
    label = _LABEL[a.kind]
    return Shared(band, Finding(label, _shown(a), _shown(b), weight, verdict, "; ".join(notes) or None))


Graded = tuple[Band | None, list[str]]


def _document(a: Number, b: Number, left: Subject | Object, right: Subject | Object) -> Graded:
    one, two = issuer(a.issuer), issuer(b.issuer)
    if one is not None and two is not None and one != two:
        return None, ["the same number from another issuer is another document"]
    unknown_type = DocumentType.UNKNOWN in (a.type, b.type)
    if one is None or two is None:
        notes = ["issuer not known on one side"]
        if a.type is not b.type and not unknown_type:
            notes.append("types differ")
        return Band.POSSIBLE, notes
    if unknown_type:
        return Band.STRONG, ["type of document not known on one side"]
    if a.type is not b.type:
        return Band.POSSIBLE, ["issuer and number agree, types differ"]
    return Band.EXACT, ["type, issuer and number agree"]


def _vin(a: Number, b: Number, left: Subject | Object, right: Subject | Object) -> Graded:
    if vin_is_wellformed(a.text) and vin_is_wellformed(b.text):
        return Band.EXACT, []
    return Band.STRONG, ["not a 17-character number of ISO 3779: its maker is not in it"]


def _plate(a: Number, b: Number, left: Subject | Object, right: Subject | Object) -> Graded:
    one, two = issuer(a.issuer), issuer(b.issuer)
    if one is None or two is None:
        return Band.POSSIBLE, ["country of registration not known on one side"]
    if one != two:
        return None, ["the same plate of another country is another vehicle"]
    return Band.EXACT, ["plate and country agree"]


def _words(text: str | None) -> frozenset[str]:
    return frozenset(word for word in (exact(part) for part in (text or "").replace("-", " ").split()) if word)


def agree(left: str | None, right: str | None) -> bool | None:
    """Do two short descriptions say the same (one may say more)? None where a side says nothing."""
    one, two = _words(left), _words(right)
    if not one or not two:
        return None
    return one <= two or two <= one or exact(left or "") == exact(right or "")


def _firearm(a: Number, b: Number, left: Subject | Object, right: Subject | Object) -> Graded:
    one, two = _gun(left), _gun(right)
    answers = {
        "make": agree(one.make, two.make),
        "model": agree(one.model, two.model),
        "calibre": agree(one.calibre, two.calibre),
    }
    differ = sorted(name for name, same in answers.items() if same is False)
    unknown = sorted(name for name, same in answers.items() if same is None)
    if answers["make"] is False:
        return None, ["the same serial number of another maker is another firearm"]
    if differ:
        return Band.POSSIBLE, [f"{' and '.join(differ)} differ"]
    if answers["make"] is None:
        return Band.POSSIBLE, ["maker not known on one side"]
    if unknown:
        return Band.STRONG, [f"{' and '.join(unknown)} not known on one side"]
    return Band.EXACT, ["serial, make, model and calibre agree"]


def _imo(a: Number, b: Number, left: Subject | Object, right: Subject | Object) -> Graded:
    if imo_is_valid(a.text) and imo_is_valid(b.text):
        return Band.EXACT, ["check digit is right"]
    return Band.POSSIBLE, ["check digit is wrong"]


def _mmsi(a: Number, b: Number, left: Subject | Object, right: Subject | Object) -> Graded:
    one, two = _ship(left), _ship(right)
    if one.imo and two.imo and imo_is_valid(one.imo) and imo_is_valid(two.imo) and exact(one.imo) != exact(two.imo):
        return Band.POSSIBLE, ["IMO numbers differ: an MMSI passes to another ship with the flag"]
    if len(exact(a.text)) != 9 or not exact(a.text).isdecimal():
        return Band.POSSIBLE, ["not nine digits"]
    flags = issuer(a.issuer), issuer(b.issuer)
    if None not in flags and flags[0] == flags[1]:
        return Band.EXACT, ["number and flag agree"]
    if None not in flags:
        return Band.POSSIBLE, ["flags differ: an MMSI changes with the flag"]
    return Band.STRONG, ["flag not known on one side"]


def _artwork(a: Number, b: Number, left: Subject | Object, right: Subject | Object) -> Graded:
    one, two = _artworks(left), _artworks(right)
    answers = [agree(one[0], two[0]), agree(one[1], two[1])]
    if False in answers:
        return Band.POSSIBLE, ["title or artist differ"]
    if True in answers:
        return Band.EXACT, ["reference and title or artist agree"]
    return Band.STRONG, ["title and artist not known on one side"]


def _gun(item: Subject | Object) -> Firearm:
    return item.firearm if isinstance(item, Object) and item.firearm is not None else Firearm()


def _ship(item: Subject | Object) -> Vessel:
    return item.vessel if isinstance(item, Object) and item.vessel is not None else Vessel()


def _artworks(item: Subject | Object) -> tuple[str | None, str | None]:
    work = item.artwork if isinstance(item, Object) else None
    return (work.title, work.artist) if work is not None else (None, None)


_KINDS = {
    "document": _document,
    "vin": _vin,
    "plate": _plate,
    "firearm": _firearm,
    "imo": _imo,
    "mmsi": _mmsi,
    "artwork": _artwork,
}


def differences(left: Subject | Object, right: Subject | Object) -> Iterator[Finding]:
    """What differs, or also agrees, in things that share a number: plate, make, name of the ship, flag."""
    if not isinstance(left, Object) or not isinstance(right, Object):
        return
    if left.vehicle is not None and right.vehicle is not None:
        yield from _of_vehicles(left.vehicle, right.vehicle)
    if left.vessel is not None and right.vessel is not None:
        one, two = left.vessel, right.vessel
        yield from _text("ship's name", one.name, two.name)
        yield from _text("flag", issuer(one.flag), issuer(two.flag))
        if one.imo and two.imo and folded(one.imo) != folded(two.imo):
            yield Finding("IMO number", one.imo, two.imo, CONFLICT_BITS, Verdict.DIFFERS)
    if left.firearm is not None and right.firearm is not None:
        gun, listed = left.firearm, right.firearm
        yield from _text("make", gun.make, listed.make)
        yield from _text("model", gun.model, listed.model)
        yield from _text("calibre", gun.calibre, listed.calibre)
    if left.artwork is not None and right.artwork is not None:
        yield from _text("title", left.artwork.title, right.artwork.title)
        yield from _text("artist", left.artwork.artist, right.artwork.artist)


def _of_vehicles(one: Vehicle, two: Vehicle) -> Iterator[Finding]:
    if one.vin and two.vin and folded(one.vin) != folded(two.vin):
        note = "the plate may have been taken from another vehicle"
        yield Finding("vehicle identification number", one.vin, two.vin, CONFLICT_BITS, Verdict.DIFFERS, note)
    if one.plate and two.plate and folded(one.plate) != folded(two.plate):
        note = "plates are changed on stolen vehicles"
        yield Finding("registration plate", one.plate, two.plate, CONFLICT_BITS, Verdict.DIFFERS, note)
    yield from _text("make", one.make, two.make)


def _text(feature: str, left: str | None, right: str | None) -> Iterator[Finding]:
    same = agree(left, right)
    if same is not None:
        weight = 1.0 if same else CONFLICT_BITS
        yield Finding(feature, left or "", right or "", weight, Verdict.AGREES if same else Verdict.DIFFERS)
