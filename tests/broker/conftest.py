"""One secure broker and one registry for all broker tests of a session, in a temporary folder, on free ports.

The registry of `stack` is writable, so that tests can register what they need; topics and users are made by `admin`
(``connect("admin", stack.settings)``). Tests share it: give topics, groups and subjects names of your own. A test
that kills servers or provisions starts its own stack: ``with running_stack(tmp_path / "stack", ...) as stack``.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.stack.local import Stack, running_stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Broker and (writable) registry, ready; ended with the session."""
    with running_stack(tmp_path_factory.mktemp("stack"), read_only_registry=False) as running:
        yield running
