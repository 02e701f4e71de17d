"""/healthz says ready only when the process says so, and why not; /metrics is there all the time."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tocsin.runtime.health import HealthServer, serve


class Process:
    reason: str | None = "the watchlist is being read"


@pytest.fixture
def process() -> Process:
    return Process()


@pytest.fixture
def server(process: Process) -> Iterator[HealthServer]:
    server = serve("127.0.0.1", 0, lambda: process.reason)
    yield server
    server.close()


def get(server: HealthServer, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_not_ready_is_503_with_the_reason(server: HealthServer) -> None:
    assert get(server, "/healthz") == (503, "not ready: the watchlist is being read\n")


def test_ready_is_200(server: HealthServer, process: Process) -> None:
    process.reason = None
    assert get(server, "/healthz") == (200, "ready\n")


def test_metrics_are_served_whether_ready_or_not(server: HealthServer) -> None:
    status, text = get(server, "/metrics?name=x")
    assert status == 200
    assert "# HELP" in text


def test_other_paths_are_not_found(server: HealthServer) -> None:
    assert get(server, "/")[0] == 404
