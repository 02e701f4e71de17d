"""One bureau more in the text of a declaration, whose comments and order stay as they are."""

from __future__ import annotations

import zoneinfo

import pycountry
import tomlkit

from deploy.provision.errors import ProvisioningRefused
from schemas.participants import Participant


def bureau(code: str, name: str | None, zone: str, partitions: int) -> Participant:
    """A bureau to declare; without `name` it is called as ISO 3166-1 calls its country in everyday words.

    Raises ProvisioningRefused for a code that is no country and a zone that is none.
    """
    country = pycountry.countries.get(alpha_2=code.upper()) if len(code) == 2 else None
    if country is None:
        raise ProvisioningRefused(f"{code!r} is no ISO 3166-1 alpha-2 country code; a bureau is known by its country")
    if zone not in zoneinfo.available_timezones():
        raise ProvisioningRefused(f"{zone!r} is no IANA time zone, such as Africa/Nairobi")
    called = name or getattr(country, "common_name", country.name)
    return Participant(code=code.lower(), name=called, zone=zone, partitions=partitions)


def with_bureau(declaration: str, joining: Participant) -> str:
    """`declaration` (TOML) with `joining` in it; as it was, if it is there with the same name, zone and partitions.

    Raises ProvisioningRefused when it is declared otherwise.
    """
    document = tomlkit.parse(declaration)
    participants = document.setdefault("participants", tomlkit.table(is_super_table=True))
    wanted: dict[str, str | int] = {"name": joining.name, "zone": joining.zone}
    if joining.partitions != 1:
        wanted["partitions"] = joining.partitions
    if (there := participants.get(joining.code)) is None:
        table = tomlkit.table()
        table.update(wanted)
        participants.append(joining.code, table)
        return tomlkit.dumps(document)
    declared = Participant.model_validate({"code": joining.code} | there.unwrap())
    rates = {"write_rate": joining.write_rate, "read_rate": joining.read_rate}
    if declared.model_copy(update={"services": {}, "forwarded": True, "keys": {}} | rates) != joining:
        raise ProvisioningRefused(
            f"{joining.code} is declared already, as {declared.name!r}, {declared.kind}, {declared.zone},"
            f" {declared.partitions} partitions: to change that, edit the declaration and run tocsin provision"
        )
    return declaration
