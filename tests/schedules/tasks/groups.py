"""A consumer group: members, generations, who has which partition, and how far each has been committed."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from typing import Protocol

from streams.tasks.log import Place


class Member(Protocol):
    """A worker, as its group knows it."""

    name: str

    def told(self, generation: int, places: frozenset[Place]) -> None:
        """The rebalance is complete."""
        ...


class Group:
    """Everybody gives everything back before anything is given away anew (eager, as Faust has it)."""

    def __init__(self, places: Collection[Place], rng: random.Random, kept: float = 0.0) -> None:
        """`kept`: how likely the same members get the same partitions again, as who is known by name does."""
        self._places, self._rng, self._kept = sorted(places), rng, kept
        self._shares: dict[str, set[Place]] = {}
        self.generation = 0
        self.committed: dict[Place, int] = {}
        self._members: dict[str, Member] = {}
        self._joined: set[str] = set()
        self._preparing = False

    def __contains__(self, member: Member) -> bool:
        return self._members.get(member.name) is member

    def __len__(self) -> int:
        return len(self._members)

    def join(self, member: Member) -> None:
        """A worker comes, or comes again; a name that is known takes the place of the one that had it."""
        self._members[member.name] = member
        self._joined.add(member.name)
        self._preparing = True

    def expel(self, member: Member) -> None:
        """Its session has ended, or it said goodbye. It is not told."""
        if member in self:
            del self._members[member.name]
            self._joined.discard(member.name)
            self._preparing = True

    def rebalance(self) -> None:
        """Something makes the coordinator give everything away anew."""
        if not self._preparing:
            self._preparing = True
            self._joined.clear()

    def must_join(self, member: Member) -> bool:
        """What its heartbeat is answered: has it to give everything back and join again?"""
        return member not in self or (self._preparing and member.name not in self._joined)

    @property
    def complete(self) -> bool:
        """Can the partitions be given away?"""
        return self._preparing and bool(self._members) and self._joined >= self._members.keys()

    def give(self) -> None:
        """Give the partitions away anew."""
        self.generation += 1
        self._preparing = False
        self._joined.clear()
        shares: dict[str, set[Place]] = {name: set() for name in self._members}
        names = self._rng.sample(sorted(shares), len(shares))
        for number, place in enumerate(self._places):
            shares[names[number % len(names)]].add(place)
        if self._kept and shares.keys() == self._shares.keys() and self._rng.random() < self._kept:
            shares = self._shares
        self._shares = shares
        for name, member in list(self._members.items()):
            member.told(self.generation, frozenset(shares[name]))

    def commit(self, member: Member, generation: int, offsets: Mapping[Place, int]) -> None:
        """Group offsets of a member; those of an earlier generation are refused."""
        if member in self and generation == self.generation:
            self.committed.update(offsets)
