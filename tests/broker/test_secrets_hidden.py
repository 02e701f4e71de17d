"""While the whole pipeline runs, no password stands in a process list or in a log."""

from __future__ import annotations

import psutil
import pytest

from tests.broker.pipeline import Pipeline

pytestmark = pytest.mark.broker


def test_no_password_is_in_a_process_list_or_a_log(pipeline: Pipeline) -> None:
    state = pipeline.stack.state
    secrets = {path.read_bytes().strip() for path in (state / "secrets").iterdir() if path.is_file()}
    assert len(secrets) > 15
    pids = [pid for one in pipeline.stack.processes if (pid := pipeline.stack.pid(one.name)) is not None]
    assert len(pids) >= 5
    lines = "\0".join(part for pid in pids for part in psutil.Process(pid).cmdline()).encode()
    logs = [path for path in (state / "logs").iterdir() if path.is_file()]
    assert len(logs) > 3
    shown = lines + b"".join(path.read_bytes() for path in logs)
    assert [secret for secret in secrets if secret in shown] == []
