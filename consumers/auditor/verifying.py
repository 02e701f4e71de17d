"""Follows the chains of audit records and names the first link that does not hold. Pure: records in, findings out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas import audit_chain
from schemas.codec import HEADER_SIZE
from schemas.topics import CASES


@dataclass(frozen=True, slots=True)
class Link:
    """Where a chain stands: so many records, and the link of the last one."""

    number: int
    link: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that does not follow from those before it."""

    chain: str
    offset: int
    why: str

    def __str__(self) -> str:
        return f"chain {self.chain or '(none)'}, offset {self.offset}: {self.why}"


_START = Link(0, audit_chain.START)


def chains_of(partitions: int) -> frozenset[str]:
    """The chains that the partitions of the stage `cases` write."""
    return frozenset(audit_chain.chain_of(CASES, partition) for partition in range(partitions))


@dataclass(slots=True)
class Chains:
    """The chains as far as they were read. A broken chain stays broken: what comes after it is not judged."""

    heads: dict[str, Link] = field(default_factory=dict)
    broken: dict[str, Broken] = field(default_factory=dict)
    marks: Mapping[str, Link] = field(default_factory=dict)
    """What a signed head says: each chain must have had this link at this number."""
    known: frozenset[str] | None = None
    """The chains that there can be (`chains_of`); None: any."""

    def take(
        self, offset: int, key: bytes | None, value: bytes | None, headers: tuple[tuple[str, bytes | None], ...]
    ) -> Broken | None:
        """Take the next record of the topic in; what is broken by it, if anything is."""
        named = {name: content or b"" for name, content in headers}
        chain = named.get(audit_chain.CHAIN, b"").decode("utf-8", "replace")
        if chain in self.broken:
            return None
        before = self.heads.get(chain, _START)
        if self.known is not None and audit_chain.CHAIN in named and chain not in self.known:
            why, after = "a chain that no worker writes", None
        else:
            why, after = _judged(before, key, value, named)
        if after is not None:
            self.heads[chain] = after
            mark = self.marks.get(chain)
            if mark is not None and mark.number == after.number and mark.link != after.link:
                why = "the signed head knew another record here: the chain was written anew"
        if not why:
            return None
        self.broken[chain] = broken = Broken(chain, offset, why)
        return broken

    def missing(self) -> list[str]:
        """What the signed head knows and the topic does not hold, once all of it was read."""
        gone = []
        for chain, mark in sorted(self.marks.items()):
            if chain not in self.broken and self.heads.get(chain, _START).number < mark.number:
                held = self.heads.get(chain, _START).number
                gone.append(f"chain {chain}: the signed head counts {mark.number} records, the topic holds {held}")
        return gone


def _judged(
    before: Link, key: bytes | None, value: bytes | None, named: Mapping[str, bytes]
) -> tuple[str, Link | None]:
    """Why the record does not follow, or an empty text; and where the chain stands with it."""
    if audit_chain.CHAIN not in named:
        return "a record without a place in any chain: not written by a worker", None
    if value is None or key is None:
        return "a record without key or content", None
    text = named.get(audit_chain.NUMBER, b"").decode("ascii", "replace")
    if text != str(before.number + 1):
        return f"number {text} after {before.number}: records are missing or were put in", None
    number = before.number + 1
    link = audit_chain.link(before.link, number, key.decode("utf-8", "replace"), value[HEADER_SIZE:])
    if link.hex() != named.get(audit_chain.LINK, b"").decode("ascii", "replace"):
        return f"record {number} was changed, or one before it", None
    return "", Link(number, link)
