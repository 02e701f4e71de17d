"""The state folder remembers whom it made, cluster by cluster, and loses no password when a run breaks off."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from deploy.provision.errors import ProvisioningError
from deploy.provision.users import RECORD, UsersHere


def test_users_are_recorded_for_their_cluster_alone(tmp_path: Path) -> None:
    UsersHere(tmp_path, "one").record(["fr", "bd"])

    assert UsersHere(tmp_path, "one").made() == {"bd", "fr"}
    assert UsersHere(tmp_path, "two").made() == frozenset()


def test_a_forgotten_user_is_nobodys_and_other_clusters_keep_theirs(tmp_path: Path) -> None:
    UsersHere(tmp_path, "one").record(["fr", "bd"])
    UsersHere(tmp_path, "two").record(["fr"])
    UsersHere(tmp_path, "one").forget(["fr"])

    assert json.loads((tmp_path / RECORD).read_text()) == {"one": ["bd"], "two": ["fr"]}


def test_a_password_is_written_down_only_when_the_broker_took_it(tmp_path: Path) -> None:
    users = UsersHere(tmp_path, "one")
    password = users.password("fr")

    assert users.password("fr") == password
    assert users.secrets() == frozenset()
    users.keep("fr")
    assert (tmp_path / "secrets" / "fr").read_text() == password
    assert stat.S_IMODE((tmp_path / "secrets" / "fr").stat().st_mode) == 0o600


def test_a_password_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "fr").write_text("given\n")
    users = UsersHere(tmp_path, "one")

    assert users.password("fr") == "given"
    users.keep("fr")
    assert (tmp_path / "secrets" / "fr").read_text() == "given\n"


@pytest.mark.parametrize("text", ["", "[]", '{"one": 3}', "{"])
def test_a_record_that_cannot_be_read_is_said_not_taken_for_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / RECORD).write_text(text)
    with pytest.raises(ProvisioningError, match="mend it, or move it away"):
        UsersHere(tmp_path, "one").made()
