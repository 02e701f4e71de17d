"""What Prometheus needs to watch a stack: where its processes serve /metrics, and the alerting rules.

In the state folder's `prometheus/`: `targets.json` (file_sd: read again whenever it changes) and `prometheus.yml`,
which names it and the rules beside it. A process that is stopped or restarted keeps its port and stays a target: that
it does not answer is what the rule ProcessDown sees. A stack that was ended on purpose has no targets.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import deploy
from deploy.stack.processes import Process

JOB = "tocsin"
"""The job label of everything that is ours."""
RULES = Path(deploy.__file__).parent / "prometheus" / "rules.yml"
SCRAPE_EVERY = "5s"

_CONFIGURATION = """# Written by tocsin up. Start with: prometheus --config.file=prometheus.yml (in this folder)
global:
  scrape_interval: {every}
  evaluation_interval: {every}
rule_files:
  - rules.yml
scrape_configs:
  - job_name: {job}
    file_sd_configs:
      - files: [targets.json]
        refresh_interval: 30s
"""


def folder(state: Path) -> Path:
    """Where the configuration of the stack in `state` is."""
    return state / "prometheus"


def targets_file(state: Path) -> Path:
    """Where the processes of the stack in `state` are, as file_sd has it."""
    return folder(state) / "targets.json"


def configuration(state: Path) -> Path:
    """Prometheus' configuration file of the stack in `state`."""
    return folder(state) / "prometheus.yml"


def targets(processes: Iterable[Process]) -> list[dict[str, object]]:
    """file_sd: the processes of ours, each an instance by its name, with what it does as its role."""
    return [
        {"targets": [f"127.0.0.1:{one.port}"], "labels": {"instance": one.name, "role": one.role}}
        for one in processes
        if one.role is not None
    ]


def write(state: Path, processes: Iterable[Process], every: str = SCRAPE_EVERY) -> None:
    """Write configuration, rules and targets; `every` is how often Prometheus asks and judges."""
    where = folder(state)
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    configuration(state).write_text(_CONFIGURATION.format(every=every, job=JOB))
    shutil.copyfile(RULES, where / RULES.name)
    _write_targets(state, targets(processes))


def forget(state: Path) -> None:
    """Have no targets: the stack was ended."""
    if folder(state).is_dir():
        _write_targets(state, [])


def _write_targets(state: Path, found: list[dict[str, object]]) -> None:
    """Renamed into place: Prometheus never reads half of it."""
    new = targets_file(state).with_suffix(".new")
    new.write_text(json.dumps(found, indent=1))
    new.replace(targets_file(state))
