"""Secrets are made once and readable by their owner alone."""

from __future__ import annotations

import stat
from pathlib import Path

from deploy.stack.secret_files import ensure, write_private


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_is_made_once_and_is_the_whole_content_of_its_file(tmp_path: Path) -> None:
    first = ensure(tmp_path, "bd")

    assert ensure(tmp_path, "bd") == first == (tmp_path / "secrets" / "bd").read_text()
    assert ensure(tmp_path, "fr") != first
    assert len(first) >= 32


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o755)
    ensure(tmp_path, "bd")

    assert mode(tmp_path / "secrets") == 0o700
    assert mode(tmp_path / "secrets" / "bd") == 0o600


def test_a_file_that_others_could_read_is_private_after_it_was_written_again(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    path.chmod(0o644)

    write_private(path, "new")

    assert (path.read_text(), mode(path)) == ("new", 0o600)
    assert [one.name for one in tmp_path.iterdir()] == ["x"]
