"""One secure broker and one registry for all broker tests of a session, in a temporary folder, on free ports.

The registry of `stack` is writable, so that tests can register what they need; topics and users are made by `admin`
(``connect("admin", stack.settings)``). Tests share it: give topics, groups and subjects names of your own. A test
that kills servers or provisions starts its own stack: ``with running_stack(tmp_path / "stack", ...) as stack``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import deploy
from deploy.provision import provision
from deploy.stack.local import running_stack
from deploy.stack.running import Stack
from schemas.participants import Participants, load_participants
from tests.broker.pipeline import Pipeline, running_pipeline
from tocsin.runtime.settings import connect


@pytest.fixture(scope="session")
def participants() -> Participants:
    """The participants that Tocsin ships."""
    return load_participants(Path(deploy.__file__).with_name("bureaus.toml"))


@pytest.fixture(scope="session")
def provisioned(tmp_path_factory: pytest.TempPathFactory, participants: Participants) -> Iterator[Stack]:
    """Broker and registry as they are in earnest: provisioned, the registry read-only. No worker runs."""

    def make(running: Stack) -> None:
        provision(participants, connect("admin", running.settings), running.registry, running.state)

    with running_stack(tmp_path_factory.mktemp("provisioned"), provision=make) as running:
        yield running


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Broker and (writable) registry, ready; ended with the session."""
    with running_stack(tmp_path_factory.mktemp("stack"), read_only_registry=False) as running:
        yield running


@pytest.fixture(scope="session")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """The whole pipeline, every stage ready. Tests share it: use names and numbers of your own (`fresh`).

    An URGENT request is answered within a second here; the other deadlines are those of the field. What is deleted
    leaves the workers' disks within seconds.
    """
    with ExitStack() as ending:
        with pytest.MonkeyPatch.context() as environment:  # while it starts: its supervisor keeps what it found
            environment.setenv("TOCSIN_ANSWER_URGENT", "1")
            environment.setenv("TOCSIN_REWRITE_STORES", "5")
            running = ending.enter_context(running_pipeline(tmp_path_factory.mktemp("pipeline")))
        yield running
