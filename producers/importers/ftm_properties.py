"""Every schema and property of FollowTheMoney 4 that an imported list holds, and what becomes of it.

From the model's own definitions (Thing, LegalEntity, Person, Organization, Company, PublicBody, Vehicle, Vessel,
Airplane, Identification, Passport, Sanction, Address). A test holds a sample with all of them against this table: what
is `ignored` changes nothing when it is taken away, everything else does.
"""

from __future__ import annotations

PERSONS = frozenset({"Person"})
ORGANISATIONS = frozenset({"LegalEntity", "Organization", "Company", "PublicBody"})
VESSELS = frozenset({"Vessel"})
VEHICLES = frozenset({"Vehicle"})
LINKED = frozenset({"Passport", "Identification", "Sanction", "Address"})

FIELDS = {
    "id": "entry_id",
    "schema": "instrument; subject or object",
    "properties": "see PROPERTIES",
    "caption": "names, where there is no name",
    "target": "whether there is an entry at all",
    "datasets": "ignored",
    "referents": "ignored: ids of the same entity in other lists",
    "origin": "ignored",
    "first_seen": "ignored",
    "last_seen": "ignored",
    "last_change": "ignored",
}


def _ignored(why: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), f"ignored: {why}")


def _remarks(names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), "remarks")


_THING = (
    {
        "name": "names",
        "alias": "names: ALIAS",
        "previousName": "names: PREVIOUS",
        "weakAlias": "names: ALIAS, LOW",
        "abbreviation": "names: ALIAS, LOW",
        "topics": "threat, warnings",
        "addressEntity": "remarks, through the address",
        "sanctions": "remarks, occurred_at: nested sanctions",
    }
    | _remarks("country notes summary description address program keywords")
    | _ignored("where it was found", "sourceUrl publisher publisherUrl alephUrl wikipediaUrl proof retrievedAt")
    | _ignored("a number of a catalogue", "wikidataId programId")
    | _ignored("internal to its programs", "indexText createdAt modifiedAt")
)
_LEGAL_ENTITY = (
    _THING
    | _remarks("jurisdiction mainCountry legalForm incorporationDate registrationNumber phone email website")
    | _ignored("no part of the entry", "parent")
    | _ignored("it helps nobody to recognise the subject", "taxStatus status sector classification dissolutionDate")
    | _ignored("a number of a register of companies", "licenseNumber vatCode bvdId uscCode icijId okpoCode ogrnCode")
    | _ignored(
        "a number of a register of companies", "leiCode dunsCode uniqueEntityId npiCode swiftBic opencorporatesUrl"
    )
)
_COMPANY = _ignored(
    "a number of a register of companies",
    "cageCode permId imoNumber giiNumber voenCode coatoCode irsCode ipoCode cikCode jibCode mbsCode caemCode kppCode"
    " okvedCode okopfCode fnsCode fssCode bikCode pfrNumber oksmCode isinCode ticker ricCode idNumber taxNumber"
    " innCode",
) | _ignored("what it is worth", "amount currency amountUsd amountEur capital")
_PERSON = (
    {name: what for name, what in _LEGAL_ENTITY.items() if name != "registrationNumber"}
    | {
        "firstName": "names: given",
        "secondName": "names: given",
        "middleName": "names: given",
        "fatherName": "names: given, where there is no name",
        "lastName": "names: family",
        "nameSuffix": "names, where there is no name",
        "birthDate": "births",
        "birthPlace": "birth_place",
        "birthCountry": "birth_place",
        "nationality": "nationalities",
        "citizenship": "nationalities",
        "gender": "sex",
        "passportNumber": "documents: PASSPORT",
        "idNumber": "documents",
        "socialSecurityNumber": "documents: NATIONAL_ID",
        "taxNumber": "documents: NATIONAL_ID",
        "innCode": "documents: NATIONAL_ID of ru",
        "identification": "documents: nested documents",
    }
    | _remarks("title motherName deathDate position height weight eyeColor hairColor appearance profession")
    | _remarks("spokenLanguage")
    | _ignored("sensitive, and no evidence", "ethnicity religion political education")
    | _ignored("of companies", "legalForm incorporationDate registrationNumber jurisdiction mainCountry")
)
_VEHICLE = (
    {name: what for name, what in _THING.items() if name not in ("alias", "previousName", "weakAlias", "abbreviation")}
    | {"registrationNumber": "vehicle: plate", "type": "vehicle: make", "model": "vehicle: make"}
    | {"country": "vehicle: country"}
    | _remarks("alias previousName weakAlias buildDate registrationDate deregistrationDate name")
    | _ignored("an entity of its own", "owner operator")
    | _ignored("what it is worth", "amount currency amountUsd amountEur")
)
_VESSEL = (
    _VEHICLE
    | {"imoNumber": "vessel: imo", "mmsi": "vessel: mmsi", "name": "vessel: name", "flag": "vessel: flag"}
    | _remarks("registrationNumber callSign pastFlags registrationPort tonnage grossRegisteredTonnage")
    | _remarks("deadweightTonnage type model country crsNumber pastTypes")
    | _ignored("it helps nobody to recognise the vessel", "navigationArea nameChangeDate")
)
_INTERVAL = _ignored("internal to its programs", "indexText modifiedAt recordId namesMentioned") | _ignored(
    "where it was found", "sourceUrl publisher publisherUrl alephUrl proof retrievedAt"
)
_IDENTIFICATION = (
    {"holder": "whose document it is", "type": "documents: type", "country": "documents: issuer"}
    | {"number": "documents: number"}
    | _ignored("a Document has no dates", "startDate endDate date")
    | _ignored("a Document has type, number and issuer alone", "authority summary description")
    | _INTERVAL
)
_PASSPORT = (
    _IDENTIFICATION
    | {"passportNumber": "documents: number, where there is no `number`", "personalNumber": "documents: NATIONAL_ID"}
    | _ignored("the holder says it", "surname givenName birthDate birthPlace gender")
)
_SANCTION = (
    {
        "entity": "whose sanction it is",
        "listingDate": "occurred_at",
        "startDate": "occurred_at, where there is no `listingDate`",
    }
    | _remarks("authority authorityId unscId program provisions status reason duration endDate country")
    | _ignored("internal to its programs", "programId programUrl date summary description")
    | _INTERVAL
)
_ADDRESS = {"full": "remarks"} | _ignored(
    "the parts of `full`",
    "remarks postOfficeBox street street2 city postalCode region state country latitude longitude osmId"
    " googlePlaceId name summary description notes sourceUrl publisher publisherUrl alephUrl wikipediaUrl wikidataId"
    " keywords topics address addressEntity program programId proof indexText createdAt modifiedAt retrievedAt alias"
    " previousName weakAlias",
)

PROPERTIES = {
    "Person": _PERSON,
    "LegalEntity": _LEGAL_ENTITY | _COMPANY,
    "Organization": _LEGAL_ENTITY | _COMPANY,
    "Company": _LEGAL_ENTITY | _COMPANY,
    "PublicBody": _LEGAL_ENTITY | _COMPANY,
    "Vehicle": _VEHICLE,
    "Vessel": _VESSEL,
    "Identification": _IDENTIFICATION,
    "Passport": _PASSPORT,
    "Sanction": _SANCTION,
    "Address": _ADDRESS,
}
