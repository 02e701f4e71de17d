"""Bill of materials (CycloneDX 1.6, JSON): what runs in an installation, Python and Java, each with its version.

`cyclonedx-py` lists the environment; what only developers need is left out, the Java artifacts of the local stack, with
the checksums that are checked before every start, are added.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_HERE = Path(__file__).parent


def bill_of_materials(project: Path) -> dict[str, Any]:
    """The bill of what `project` (the file pyproject.toml) needs to run, installed beside this interpreter.

    Raises subprocess.CalledProcessError when the environment cannot be listed.
    """
    tool = Path(sys.executable).parent / "cyclonedx-py"
    how = ["--pyproject", str(project), "--output-reproducible", "--short-PURLs", "--of", "JSON", "--no-validate"]
    listing = subprocess.run(
        [tool, "environment", *how, "-o", "-", sys.executable], check=True, capture_output=True
    ).stdout
    return _for_running(json.loads(listing), tomllib.loads(project.read_text()), java_components(_HERE / "stack"))


def java_components(stack: Path) -> list[dict[str, Any]]:
    """The Java artifacts that the lock files in the folder `stack` name."""
    kafka = tomllib.loads((stack / "kafka.lock.toml").read_text())["dependencies"]
    return [_java(one) for one in (*kafka, tomllib.loads((stack / "registry.lock.toml").read_text()))]


def _for_running(bill: dict[str, Any], project: dict[str, Any], java: list[dict[str, Any]]) -> dict[str, Any]:
    needs = _needs(project["project"]["dependencies"])
    refs: dict[str, str] = {canonicalize_name(one["name"]): one["bom-ref"] for one in bill["components"]}
    kept = [one for one in bill["components"] if canonicalize_name(one["name"]) in needs]
    java_refs = [one["bom-ref"] for one in java]
    direct = [refs[canonicalize_name(Requirement(each).name)] for each in project["project"]["dependencies"]]
    dependencies = [{"ref": bill["metadata"]["component"]["bom-ref"], "dependsOn": sorted([*direct, *java_refs])}]
    for name, following in sorted(needs.items()):
        dependencies.append({"ref": refs[name], "dependsOn": sorted(refs[each] for each in following)})
    dependencies += [{"ref": ref, "dependsOn": []} for ref in java_refs]
    return bill | {"components": kept + java, "dependencies": dependencies}


def _needs(requirements: list[str]) -> dict[str, set[str]]:
    """By distribution, what it needs here, for all that `requirements` lead to: markers and extras heeded."""
    needs: dict[str, set[str]] = {}
    waiting = [Requirement(each) for each in requirements]
    done: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        for extra in ("", *wanted.extras):
            if (name, extra) in done:
                continue
            done.add((name, extra))
            of_it = [Requirement(each) for each in distribution(name).requires or ()]
            here = [one for one in of_it if one.marker is None or one.marker.evaluate({"extra": extra})]
            needs.setdefault(name, set()).update(canonicalize_name(one.name) for one in here)
            waiting += here
    return needs


def _java(one: dict[str, str]) -> dict[str, Any]:
    purl = f"pkg:maven/{one['groupId']}/{one['artifactId']}@{one['version']}"
    suffix = [
        f"{key}={one[field]}" for key, field in (("classifier", "classifier"), ("type", "packaging")) if field in one
    ]
    component: dict[str, Any] = {
        "bom-ref": purl,
        "type": "library",
        "group": one["groupId"],
        "name": one["artifactId"],
        "version": one["version"],
        "purl": f"{purl}?{'&'.join(suffix)}" if suffix else purl,
    }
    if one.get("sha256"):
        component["hashes"] = [{"alg": "SHA-256", "content": one["sha256"]}]
    return component


if __name__ == "__main__":
    json.dump(bill_of_materials(Path("pyproject.toml")), sys.stdout, indent=1, ensure_ascii=False)
