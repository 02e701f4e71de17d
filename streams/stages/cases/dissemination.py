"""Who may learn of a match, and in which role. Nothing else in the product decides it.

A pure function of the incident, the entry and the participants; judged again on every change of either. The rules
(those of the field, numbered as in the domain page):

1. Own country: the owner met its own entry. That bureau alone, DOMESTIC, whatever the restrictions say: both sides
   are its own.
2. Restrictions of incident and entry intersect: a participant must be let through by both. A restriction binds
   everybody but the participant that wrote it, who knows its own side anyway; so an entry ONLY for `np` still tells
   its owner, and an incident's own bureau is left out only by the entry. `ccc` is left out by EXCEPT alone. A locator
   that is left out gets nothing at all, while owner and `ccc` do.
3. Suppressed owner notification, said by either side: the owner is not told, in no role.
4. An owner is a recipient of matches with its own entries alone: each alert is about one entry.
14. Only equal modes; a canary meets canaries alone, and then nobody else is told, not even `ccc`.
"""

from __future__ import annotations

from dataclasses import dataclass

from schemas.codes import Mode, OwnerNotification, ReceiversMode, Role, Scope
from schemas.envelope import Handling
from schemas.participants import Kind, Participants

COORDINATOR = "ccc"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may hold an alert now. `roles` is ascending by code; empty when nobody may."""

    scope: Scope
    roles: tuple[tuple[str, Role], ...]

    def role_of(self, participant: str) -> Role | None:
        """The participant's role, None when it is no recipient."""
        return dict(self.roles).get(participant)

    @property
    def answering(self) -> str | None:
        """Who answers for the entry: its owner, or `ccc` where the owner is not told. None: nobody."""
        if self.scope is Scope.DOMESTIC:
            return self.roles[0][0] if self.roles else None
        by_role = {role: code for code, role in self.roles}
        return by_role.get(Role.OWNER) or by_role.get(Role.COORDINATOR)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a match, as far as dissemination looks at it."""

    author: str
    """The incident's bureau, or the entry's owner."""
    mode: Mode
    handling: Handling


def audience(incident: Side, entry: Side, participants: Participants) -> Audience:
    """Who may learn that an item of `incident` matches `entry`."""
    canaries = [is_canary(side.author, participants) for side in (incident, entry)]
    if incident.mode is not entry.mode or incident.mode is Mode.UNKNOWN or canaries[0] != canaries[1]:
        return Audience(Scope.CROSS_BORDER, ())
    if incident.author == entry.author:
        own = incident.author
        return Audience(Scope.DOMESTIC, ((own, Role.LOCATOR),) if own in participants else ())
    roles = {} if any(canaries) else {COORDINATOR: Role.COORDINATOR}
    roles |= {entry.author: Role.OWNER, incident.author: Role.LOCATOR}
    allowed = {
        code: role
        for code, role in roles.items()
        if code in participants and all(lets_know(side, code, entry.author) for side in (incident, entry))
    }
    return Audience(Scope.CROSS_BORDER, tuple(sorted(allowed.items())))


def is_canary(code: str, participants: Participants) -> bool:
    """Is `code` one of the participants reserved for probes?"""
    member = participants.members.get(code)
    return member is not None and member.kind is Kind.CANARY


def lets_know(side: Side, participant: str, owner: str) -> bool:
    """Does `side` alone let `participant` know of a match across borders with an entry of `owner`?"""
    if participant == owner and side.handling.owner_notification is not OwnerNotification.NORMAL:
        return False
    return _lets_through(side, participant)


def _lets_through(side: Side, code: str) -> bool:
    if code == side.author:
        return True
    named = code in side.handling.receivers
    match side.handling.receivers_mode:
        case ReceiversMode.ALL:
            return True
        case ReceiversMode.ONLY:
            return named or code == COORDINATOR
        case ReceiversMode.EXCEPT:
            return not named
        case _:  # a newer restriction than this program knows: nobody, rather than too many
            return False
