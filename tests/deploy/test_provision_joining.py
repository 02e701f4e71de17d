"""One bureau more: the text around it stays, nothing that is declared changes, and restarts come in a safe order."""

from __future__ import annotations

from pathlib import Path

import pytest

import deploy
from deploy.provision.errors import ProvisioningRefused
from deploy.provision.joining import bureau, with_bureau
from deploy.stack import rolling
from deploy.stack.processes import consumers, workers
from schemas.participants import load_participants

SHIPPED = Path(deploy.__file__).with_name("bureaus.toml")
KENYA = bureau("KE", None, "Africa/Nairobi", 1)


def test_the_declaration_keeps_every_line_and_the_bureau_is_declared(tmp_path: Path) -> None:
    before = SHIPPED.read_text()
    after = with_bureau(before, bureau("tz", None, "Africa/Dar_es_Salaam", 3))
    (tmp_path / "bureaus.toml").write_text(after)
    declared = load_participants(tmp_path / "bureaus.toml")

    assert after.startswith(before)
    assert declared.members["tz"] == bureau("tz", "Tanzania", "Africa/Dar_es_Salaam", 3)
    assert declared.codes == (*load_participants(SHIPPED).codes, "tz")


def test_the_same_bureau_again_changes_nothing() -> None:
    once = with_bureau(SHIPPED.read_text(), KENYA)

    assert with_bureau(once, KENYA) == once


@pytest.mark.parametrize(
    "otherwise", [bureau("ke", "Republic of Kenya", "Africa/Nairobi", 1), bureau("ke", None, "Africa/Nairobi", 2)]
)
def test_a_bureau_that_is_declared_otherwise_is_refused(otherwise: object) -> None:
    with pytest.raises(ProvisioningRefused, match="ke is declared already, as 'Kenya', bureau, Africa/Nairobi, 1 part"):
        with_bureau(with_bureau(SHIPPED.read_text(), KENYA), otherwise)  # type: ignore[arg-type]


def test_what_is_no_country_and_what_is_no_zone_is_refused() -> None:
    with pytest.raises(ProvisioningRefused, match="'zz' is no ISO 3166-1"):
        bureau("zz", None, "UTC", 1)
    with pytest.raises(ProvisioningRefused, match="'Africa/Nowhere' is no IANA"):
        bureau("ke", None, "Africa/Nowhere", 1)


def test_who_judges_learns_of_a_participant_before_who_lets_its_events_in() -> None:
    names = [one.name for one in (*workers(2), *consumers())]

    assert rolling.in_turn(["broker", "registry", *names]) == [
        "cases",
        "joins-1",
        "joins-2",
        "metrics",
        "forwarder",
        "gate",
    ]
