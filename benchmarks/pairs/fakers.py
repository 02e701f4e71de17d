"""Makers of invented names, a locale each."""

from __future__ import annotations

from faker import Faker


def fakers(locales: str, seed: int) -> list[Faker]:
    """A seeded Faker for each of the locales (parted by blanks) that it knows, in their order."""
    made = []
    for locale in locales.split():
        try:
            fake = Faker(locale)
        except AttributeError:
            continue
        fake.seed_instance(seed)
        made.append(fake)
    return made
