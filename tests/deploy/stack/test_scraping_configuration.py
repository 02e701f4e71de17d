"""Prometheus finds every process of ours that shall run, also one that is down, and none once the stack was ended."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from deploy.stack import prometheus, scraping
from deploy.stack.errors import StackError
from deploy.stack.processes import BROKER, Process, consumers, workers
from deploy.stack.running import Stack
from deploy.stack.supervision import Supervisor


def test_every_process_of_ours_is_a_target_by_its_name_and_role_until_the_stack_ends(tmp_path: Path) -> None:
    ours = [one.process(20_000 + number, {}) for number, one in enumerate((*workers(2), *consumers()))]
    scraping.write(tmp_path, [Process(name=BROKER, command=(), port=1), *ours])

    found = json.loads((tmp_path / "prometheus" / "targets.json").read_text())
    assert [one["labels"] for one in found] == [
        {"instance": "gate", "role": "gate"},
        {"instance": "joins-1", "role": "joins"},
        {"instance": "joins-2", "role": "joins"},
        {"instance": "cases", "role": "cases"},
        {"instance": "metrics", "role": "metrics"},
        {"instance": "forwarder", "role": "forwarder"},
    ]
    assert found[1]["targets"] == ["127.0.0.1:20001"]

    scraping.forget(tmp_path)
    assert json.loads((tmp_path / "prometheus" / "targets.json").read_text()) == []


def test_a_folder_that_was_never_watched_stays_as_it_is(tmp_path: Path) -> None:
    scraping.forget(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_prometheus_runs_on_loopback_with_what_the_stack_wrote_and_is_no_target_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert prometheus.installed(tmp_path) is None
    with pytest.raises(StackError, match="Debian"):
        prometheus.required(tmp_path)

    (tmp_path / "prometheus").touch(mode=0o755)
    process = prometheus.required(tmp_path / "state").process(20_009, {})
    assert f"--config.file={tmp_path}/state/prometheus/prometheus.yml" in process.command
    assert "--web.listen-address=127.0.0.1:20009" in process.command
    assert process.health == "http://127.0.0.1:20009/-/ready"
    assert scraping.targets([process]) == []


def test_a_stack_has_no_targets_any_more_before_its_processes_end(tmp_path: Path) -> None:
    seen: list[object] = []

    class Ending:
        def shut_down(self, first: Sequence[str]) -> None:
            seen.extend([json.loads(scraping.targets_file(tmp_path).read_text()), list(first)])

    ours = [one.process(20_000, {}) for one in workers(1)]
    scraping.write(tmp_path, ours)
    broker = Process(name=BROKER, command=(), port=1)
    Stack(tmp_path, "", "", "SASL_PLAINTEXT", None, (broker, *ours), {}, cast(Supervisor, Ending())).stop_all()
    assert seen == [[], ["gate", "joins-1", "cases"]]
