"""Identifiers that must come out the same wherever they are made."""

from __future__ import annotations

from uuid import UUID, uuid5

_IMPORTED = UUID("5d0f9f5e-8f3b-5b0c-9a55-7f0a3c1e6d21")
"""Namespace of identifiers of imported rows. Never change it: published corrections would become new incidents."""


def imported_incident_id(producer: str, source: str, row: int) -> str:
    """incident_id of a row that an importer publishes (domain.md, Identity: uuid5 of producer, source, row reference).

    `source` is the file's name without its folder, `row` the number of the record, 1 for the first after a header:
    publishing the file again, from wherever, gives the same incidents.
    """
    return str(uuid5(_IMPORTED, f"{producer}\x1f{source}\x1f{row}"))
