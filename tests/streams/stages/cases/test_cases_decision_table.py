"""docs/dissemination.md says what the code does: it is current, and every combination is in it exactly once."""

from __future__ import annotations

from pathlib import Path

from schemas.alerts import EntryView, IncidentView
from schemas.codes import Role, Scope
from streams.stages.cases.decision_table import ANY, RESTRICTIONS, SUPPRESSED, TOLD, Question, page, questions, seen

PAGE = Path(__file__).parents[4] / "docs" / "dissemination.md"


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading of the page, without its head."""
    section = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run make schemas"


def test_every_combination_is_decided_as_its_row_says_and_stands_in_one_row() -> None:
    said: dict[Question, bool] = {}
    for modes, scope, role, suppressed, incident, *answers in rows("Decisions"):
        for each in SUPPRESSED if suppressed == ANY else suppressed.split("; "):
            for restriction in RESTRICTIONS if incident == ANY else incident.split("; "):
                for entry, answer in zip(RESTRICTIONS, answers, strict=True):
                    equal, where = modes == "equal", Scope(scope.replace(" ", "_").upper())
                    question = Question(equal, where, Role(role.upper()), each, restriction, entry)
                    assert question not in said
                    said[question] = answer == TOLD
    asked = list(questions())
    assert len(asked) == 2 * 2 * 3 * 4 * 6 * 6
    assert said == {question: question.told() for question in asked}


def test_the_rules_hold_of_every_combination() -> None:
    """Rules 1, 2, 3 and 14 said once more, in other words than the code's."""
    for question in questions():
        told = question.told()
        if not question.modes_equal or (question.scope is Scope.DOMESTIC and question.role is not Role.LOCATOR):
            assert not told
        elif question.scope is Scope.DOMESTIC:
            assert told
        elif question.role is Role.LOCATOR:
            assert told == (question.entry in ("ALL", "ONLY, naming it", "EXCEPT others"))
        elif question.role is Role.OWNER:
            assert told == (
                question.suppressed == "by neither" and question.incident in ("ALL", "ONLY, naming it", "EXCEPT others")
            )
        else:
            newer = "newer than this program"
            assert told == (not {"EXCEPT it", newer} & {question.incident, question.entry})


def test_each_role_sees_what_its_column_says() -> None:
    by_role = seen()
    found = {role: {field for field, *_ in rows("What each role sees")} for role in ("locator", "owner", "coordinator")}
    for field, *cells in rows("What each role sees"):
        for role, cell in zip(("locator", "owner", "coordinator"), cells, strict=True):
            assert (field in by_role[role]) == (cell == "yes"), (field, role)
    fields = {f"incident.{name}" for name in IncidentView.model_fields} | {
        f"entry.{name}" for name in EntryView.model_fields
    }
    assert all(fields <= names for names in found.values())


def test_views_are_subsets_of_one_another() -> None:
    by_role = seen()
    assert by_role["coordinator"] < by_role["owner"] == by_role["locator"]
    assert by_role["front line"] == {
        f"front_line.{name}" for name in ("item_id", "action", "target", "warnings", "band")
    }
    assert by_role["retracted"] == by_role["withdrawn"] == set()
