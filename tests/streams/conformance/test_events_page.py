"""docs/events.md says what models, checks, code lists and examples say."""

from __future__ import annotations

import re
from enum import StrEnum

from schemas import codes
from schemas.codes import RejectReason
from streams.conformance.events_page import PAGE, READ, RULES_OF, WRITTEN, page, parts
from streams.stages.checks_fields import LONGEST_OF

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_is_what_the_code_makes() -> None:
    assert page() == TEXT, "make schemas"


def test_every_field_of_every_message_and_part_has_a_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", TEXT, re.M)
    for model in (*WRITTEN, *READ, *parts()):
        assert f"## {model.__name__}\n" in TEXT
        assert set(model.model_fields) <= set(rows)


def test_every_link_on_the_page_has_its_heading() -> None:
    headings = {title.lower() for title in re.findall(r"^#+ (\w+)$", TEXT, re.M)}

    assert set(re.findall(r"\]\(#(\w+)\)", TEXT)) <= headings


def test_every_code_of_the_lists_that_bureaus_meet_is_named() -> None:
    for code in RejectReason:
        assert f"`{code.value}`" in TEXT
    assert "A defect of ours" in TEXT
    lists = [kind for kind in vars(codes).values() if isinstance(kind, type) and issubclass(kind, StrEnum)]
    assert sum(f"## {kind.__name__}\n" in TEXT for kind in lists) >= 30


def test_limits_are_those_of_the_checks() -> None:
    for longest in LONGEST_OF.values():
        assert f"at most {longest:,} characters" in TEXT


def test_no_rule_is_told_of_a_field_that_is_not_there() -> None:
    fields = {name for model in (*WRITTEN, *parts()) for name in model.model_fields}

    assert set(RULES_OF) <= fields
