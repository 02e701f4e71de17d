"""The demo succeeds only when everybody concerned was told, and says who was not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from consumers.screening import Expected, judge
from schemas.alerts import Alert
from schemas.codes import Role
from tocsin.cli.demo import Outcome, failed, untold

Standing = dict[str, list[Alert]]


@pytest.fixture
def standing(make_alert: Callable[..., Alert]) -> Standing:
    """One alert, at its owner, at the bureau that met the person, and at ccc."""
    found = make_alert()
    assert found.incident is not None
    assert found.entry is not None
    roles = {found.entry.owner: Role.OWNER, found.incident.producer: Role.LOCATOR, "ccc": Role.COORDINATOR}
    return {code: [make_alert(recipient=code, role=role)] for code, role in roles.items()}


def outcome(standing: Standing) -> Outcome:
    (owned,) = (alert for held in standing.values() for alert in held if alert.role is Role.OWNER)
    assert owned.incident is not None
    assert owned.entry is not None
    expected = Expected(owned.incident.incident_id, owned.entry.entry_id, owned.entry.owner, None, "exact")
    return Outcome(standing, judge([expected], [], [owned]), untold(standing), 1.0)


def test_an_alert_at_all_three_is_success(standing: Standing) -> None:
    assert failed(outcome(standing)) is None


@pytest.mark.parametrize("role", [Role.LOCATOR, Role.COORDINATOR])
def test_an_alert_that_only_its_owner_got_is_a_failure(standing: Standing, role: Role) -> None:
    kept = {code: [alert for alert in held if alert.role is not role] for code, held in standing.items()}

    assert untold(kept) == 1
    assert "reached their owner, but not both" in str(failed(outcome(kept)))


def test_a_true_match_without_an_alert_is_a_failure(standing: Standing) -> None:
    missing = Outcome({}, judge([Expected("i-9", "FR-9", "fr", None, "exact")], [], []), 0, 60.0)

    assert failed(missing) == "1 of 1 true matches raised no alert"
