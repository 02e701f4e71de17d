"""Every rule that bites (domain page, 1 to 16) has a test that names it: `test_rule_<number>_...`."""

from __future__ import annotations

import re
from pathlib import Path

RULES = {
    1: "own country",
    2: "excluded receiver",
    3: "suppressed owner notification",
    4: "other owners",
    5: "withdrawn after the alert",
    6: "entry after incident",
    7: "discreet check",
    8: "misused identity",
    9: "own passport reported lost",
    10: "identifiers",
    11: "dates",
    12: "names",
    13: "silence",
    14: "exercises",
    15: "floods",
    16: "forgetting",
}


def test_every_rule_has_a_test_that_names_it() -> None:
    named: set[int] = set()
    for path in Path(__file__).parent.rglob("test_*.py"):
        named |= {int(number) for number in re.findall(r"^def test_rule_(\d+)_", path.read_text("utf-8"), re.MULTILINE)}
    assert named == set(RULES), [RULES.get(number, number) for number in named ^ set(RULES)]
