"""What an officer may read beside a UN entry: the elements that no field of ours takes, as one text."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from producers.importers.un_elements import birth_places, joined
from producers.importers.un_names import squeezed

LONGEST = 4_000
"""Characters; an entry may have 64 KiB, its alerts show the remarks to everybody concerned."""
_ADDRESS = ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY", "NOTE")


def remarks(element: Element) -> str:
    """Regime and reference, titles, designations, further places of birth, addresses, comments; clipped with a mark."""
    text = "\n".join(line for line in _lines(element) if line)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _lines(element: Element) -> Iterator[str]:
    yield f"UN {squeezed(element.findtext('UN_LIST_TYPE'))} {squeezed(element.findtext('REFERENCE_NUMBER'))}"
    yield _listed("Title", [squeezed(value.text) for value in element.findall("TITLE/VALUE")])
    yield _listed("Designation", [squeezed(value.text) for value in element.findall("DESIGNATION/VALUE")])
    yield _listed("Also said to be born in", [words for _, words in birth_places(element)][1:])
    addresses = element.findall("INDIVIDUAL_ADDRESS") + element.findall("ENTITY_ADDRESS")
    yield _listed("Address", [joined(address, _ADDRESS) for address in addresses])
    yield squeezed(element.findtext("COMMENTS1"))


def _listed(label: str, texts: list[str]) -> str:
    present = list(dict.fromkeys(text for text in texts if text))
    return f"{label}: {'; '.join(present)}" if present else ""
