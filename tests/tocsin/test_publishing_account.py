"""Whoever publishes is told how far it came."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from producers.publishing import Account
from tocsin.cli.publishing_account import show


@pytest.mark.parametrize("broken_off", [True, False])
def test_a_file_that_was_broken_off_says_after_how_many_rows(broken_off: bool) -> None:
    out = io.StringIO()
    account = Account(read=4, published=2, delivered=1, refused=1)

    show(account, [], Console(file=out), broken_off=broken_off)

    assert ("broken off after 3 rows" in out.getvalue()) is broken_off
    assert "published 1, refused 1" in out.getvalue()
