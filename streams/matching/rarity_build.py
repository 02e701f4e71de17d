"""Makes the table of word rarity: ``python -m streams.matching.rarity_build VERSION LIST.xml > rarity.txt``.

Sources: Faker's names by country (MIT), weighted where Faker is, and the UN Security Council's consolidated list
(public). In each of them a word has a share of all words. What counts is its share where it is commonest, for those
who are confused with each other mostly come from the same place; a quarter of it, for not everybody does.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Mapping
from math import log2

from streams.matching import families, nameforms
from streams.matching.rarity import RAREST
from streams.matching.words import Word

_ATTRIBUTES = re.compile(r"^(first_names|last_names)(_male|_female|_unisex|_nonbinary)?$|^(first|last)_names$")
_PLACE_SHARE = 0.25
_KEPT_BELOW = 1150


def _words(text: str) -> list[Word]:
    return [word for word in nameforms.words(text) if len(word.sounds) > 1]


def _of_country(module: object) -> tuple[Counter[str], Counter[int]]:
    """Share of each sound and each family among the given and the family names of one country."""
    shares: Counter[str] = Counter()
    by_family: Counter[int] = Counter()
    provider = getattr(module, "Provider", None)
    parts: dict[str, dict[str, float]] = {"first": {}, "last": {}}
    for name in dir(provider):
        if _ATTRIBUTES.match(name):
            values = getattr(provider, name)
            if not isinstance(values, Mapping | tuple | list | set | frozenset):
                continue
            weights = dict(values) if isinstance(values, Mapping) else dict.fromkeys(values, 1.0)
            total = sum(weights.values()) or 1.0
            for value, weight in weights.items():
                held = parts[name.split("_")[0]]
                held[value] = held.get(value, 0.0) + weight / total
    for held in parts.values():
        total = sum(held.values())
        for value, weight in held.items():
            for word in _words(str(value)):
                shares[word.sounds] += weight / total / 2  # type: ignore[assignment]
                number = families.family(word.text) or families.family(word.sounds)
                if number:
                    by_family[number] += weight / total / 2  # type: ignore[assignment]
    return shares, by_family


def _of_list(path: str) -> tuple[Counter[str], Counter[int]]:
    shares: Counter[str] = Counter()
    by_family: Counter[int] = Counter()
    people = list(ElementTree.parse(path).getroot().iter("INDIVIDUAL"))
    for person in people:
        parts = [person.findtext(f"{part}_NAME") or "" for part in ("FIRST", "SECOND", "THIRD", "FOURTH")]
        words = _words(" ".join(parts))
        for sounds in {word.sounds for word in words}:
            shares[sounds] += 1 / len(people) / 2  # type: ignore[assignment]
        for number in {families.family(word.text) or families.family(word.sounds) for word in words} - {0}:
            by_family[number] += 1 / len(people) / 2  # type: ignore[assignment]
    return shares, by_family


def _merge(found: Iterable[tuple[Counter[str], Counter[int]]]) -> tuple[dict[str, float], dict[int, float]]:
    by_sound: dict[str, float] = {}
    by_family: dict[int, float] = {}
    for shares, numbers in found:
        for sounds, share in shares.items():
            by_sound[sounds] = max(by_sound.get(sounds, 0.0), share)
        for number, share in numbers.items():
            by_family[number] = max(by_family.get(number, 0.0), share)
    return by_sound, by_family


def _bits(share: float) -> int:
    return max(200, min(RAREST, round(-100 * log2(share * _PLACE_SHARE))))


def main(version: str, path: str) -> None:
    """Print the table."""
    import faker.providers.person as person

    countries = [
        importlib.import_module(f"{person.__name__}.{found.name}") for found in pkgutil.iter_modules(person.__path__)
    ]
    by_sound, by_family = _merge([*map(_of_country, countries), _of_list(path)])
    out = [f"# version {version}", "# word sounds or family number, hundredths of a bit; see rarity_build.py"]
    out += [f"{number} {_bits(share)}" for number, share in sorted(by_family.items())]
    out += [f"{sounds} {_bits(share)}" for sounds, share in sorted(by_sound.items()) if _bits(share) < _KEPT_BELOW]
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
