"""Ports are free, distinct, kept over restarts, or set."""

from __future__ import annotations

import socket

import pytest

from deploy.stack.errors import StackError
from deploy.stack.ports import HIGHEST, LOWEST, assign


def taken() -> socket.socket:
    listener = socket.socket()
    while True:
        try:
            listener.bind(("127.0.0.1", assign(["x"], {})["x"]))
        except OSError:
            continue
        listener.listen()
        return listener


def test_chosen_ports_are_distinct_and_outside_of_the_range_of_outgoing_connections() -> None:
    chosen = assign(map(str, range(50)), {})

    assert len(set(chosen.values())) == 50
    assert all(LOWEST <= port < HIGHEST for port in chosen.values())


def test_known_ports_are_kept_and_new_names_get_new_ones() -> None:
    before = assign(["broker", "registry"], {})
    after = assign(["broker", "registry", "gate"], before)

    assert before.items() <= after.items()


def test_a_known_port_that_somebody_took_meanwhile_is_replaced() -> None:
    with taken() as listener:
        port = listener.getsockname()[1]
        assert assign(["broker"], {"broker": port})["broker"] != port


def test_ports_counted_from_a_base_are_taken_as_they_are_or_refused() -> None:
    with taken() as listener:
        port = listener.getsockname()[1]
        with pytest.raises(StackError, match=str(port)):
            assign(["broker"], {}, base=port)
    assert assign(["broker", "registry"], {"broker": 1}, base=port)["broker"] == port
