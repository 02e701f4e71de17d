"""The bill of materials: everything that runs, nothing that only developers need, valid CycloneDX."""

import json
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.bill_of_materials import bill_of_materials

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bill():
    return bill_of_materials(ROOT / "pyproject.toml")


def test_it_is_valid(bill):
    some = [*bill["components"][:9], *bill["components"][-2:]]  # all of them take ten seconds
    kept = {bill["metadata"]["component"]["bom-ref"], *(component["bom-ref"] for component in some)}
    of_them = [each for each in bill["dependencies"] if each["ref"] in kept]
    part = bill | {"components": some, "dependencies": of_them}
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(part)) is None


def test_it_lists_what_runs_with_its_dependencies_and_java_with_checksums(bill):
    of = {component["name"]: component for component in bill["components"]}
    assert {"confluent-kafka", "faust-streaming", "aiokafka", "llvmlite", "apicurio-registry-app"} <= set(of)
    assert of["kafka-clients"]["hashes"][0]["alg"] == "SHA-256"
    refs = {component["bom-ref"] for component in bill["components"]}
    assert {each["ref"] for each in bill["dependencies"]} >= refs


def test_it_leaves_out_what_only_developers_need(bill):
    assert not {"pytest", "mypy", "ruff", "hypothesis", "cyclonedx-bom"} & {one["name"] for one in bill["components"]}
