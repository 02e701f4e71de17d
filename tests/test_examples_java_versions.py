"""The Java example is built by bureaus with the versions that our own test builds it with."""

from __future__ import annotations

import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).parents[1]
POM = {"m": "http://maven.apache.org/POM/4.0.0"}


def locked(path: Path) -> dict[str, str]:
    return {one["artifactId"]: one["version"] for one in tomllib.loads(path.read_text())["dependencies"]}


def test_maven_and_our_locks_agree() -> None:
    tree = ET.parse(ROOT / "examples" / "java" / "pom.xml")
    wanted = {
        one.findtext("m:artifactId", "", POM): one.findtext("m:version", "", POM)
        for one in tree.findall(".//m:dependency", POM)
    }
    ours = locked(ROOT / "deploy/stack/kafka.lock.toml") | locked(ROOT / "examples/java/jars.lock.toml")

    assert set(wanted) == {"kafka-clients", "avro"}
    assert wanted.items() <= ours.items()
