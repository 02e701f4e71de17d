"""Make the lock files anew (maintainers, after raising a version): python -m deploy.stack.lock

Downloads what the versions below name, writes kafka.lock.toml (jgo's format) and registry.lock.toml (ours) beside
this file. Review the differences before you commit: whatever is fetched while this runs is trusted from then on.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from jgo.env import LockFile
from jgo.maven import Dependency, MavenContext

from deploy.stack.artifacts import KAFKA_LOCK, REGISTRY_LOCK, describe, sha256_of, sha256_of_text, unpack

KAFKA = ("org.apache.kafka", "kafka_2.13", "4.2.0")
"""The broker. Not 4.3: a single broker killed under transactional load loses acknowledged records there."""
ALONE = (("org.apache.kafka", "kafka-tools", "4.2.0"), ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.3"))
"""Added without their dependencies: Kafka's own command line tools, which find all they need among the broker's
jars, and the log binding that its distribution adds by hand (without it the broker logs nothing)."""
REGISTRY = ("io.apicurio", "apicurio-registry-app", "3.3.3", "all", "tar.gz")


def main() -> None:
    """Write both lock files."""
    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder))
        broker = Dependency(context.project(KAFKA[0], KAFKA[1]).at_version(KAFKA[2]).artifact())
        inputs, transitive = context.resolver.resolve([broker])
        alone = [
            Dependency(context.project(group, name).at_version(version).artifact()) for group, name, version in ALONE
        ]
        everything = sorted([*inputs, *transitive, *alone], key=lambda one: (one.groupId, one.artifactId))
        LockFile.from_resolved_dependencies(everything, environment_name="kafka", min_java_version=17).save(KAFKA_LOCK)

        group, name, version, classifier, packaging = REGISTRY
        archive = context.project(group, name).at_version(version).artifact(classifier, packaging).resolve()
        content = Path(folder) / "registry"
        unpack(archive, content)
        pinned = {
            "groupId": group,
            "artifactId": name,
            "version": version,
            "classifier": classifier,
            "packaging": packaging,
            "sha256": sha256_of(archive),
            "content_sha256": sha256_of_text(describe(content)),
        }
        REGISTRY_LOCK.write_text("".join(f'{field} = "{value}"\n' for field, value in pinned.items()))


if __name__ == "__main__":
    main()
