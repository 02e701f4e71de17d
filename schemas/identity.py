"""Identifiers that must come out the same wherever they are made."""

from __future__ import annotations

import uuid

INCIDENTS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:tocsin:incident")
"""Namespace of derived incident_ids. Never change it: published corrections would become new incidents."""


def incident_id(producer: str, source: str, row: str) -> str:
    """incident_id of a row that an importer publishes (domain.md, Identity: uuid5 of producer, source, row reference).

    Equal for the same row of the same source of the same producer, however often it is imported, and for whoever
    looks for its alerts later.
    """
    return str(uuid.uuid5(INCIDENTS, f"{producer}\n{source}\n{row}"))
