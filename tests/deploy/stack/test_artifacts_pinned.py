"""Nothing is handed to Java that is not, byte for byte, what the lock files pin."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from jgo.env import LockedDependency, LockFile

from deploy.stack.artifacts import KAFKA_LOCK, REGISTRY_LOCK, default_cache, describe, obtain, sha256_of, sha256_of_text
from deploy.stack.errors import ArtifactRefused

JAR = "maven/org/example/broker/1.0/broker-1.0.jar"
ARCHIVE = "maven/org/example/registry/2.0/registry-2.0-all.tar.gz"


class Pinned:
    """A cache with one jar and one archive, and the two lock files that pin them."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache"
        self.jar = self.cache / JAR
        self.jar.parent.mkdir(parents=True)
        self.jar.write_bytes(b"a jar")
        self.archive = self.cache / ARCHIVE
        self.archive.parent.mkdir(parents=True)
        content = folder / "content"
        content.mkdir()
        (content / "quarkus-run.jar").write_bytes(b"the registry")
        with tarfile.open(self.archive, "w:gz") as archive:
            archive.add(content, ".")
        self.kafka_lock = folder / "kafka.lock.toml"
        self.lock_jar(sha256_of(self.jar))
        self.registry_lock = folder / "registry.lock.toml"
        self.registry_lock.write_text(
            'groupId = "org.example"\nartifactId = "registry"\nversion = "2.0"\nclassifier = "all"\n'
            f'packaging = "tar.gz"\nsha256 = "{sha256_of(self.archive)}"\n'
            f'content_sha256 = "{sha256_of_text(describe(content))}"\n'
        )

    def lock_jar(self, sha256: str | None) -> None:
        LockFile([LockedDependency("org.example", "broker", "1.0", sha256=sha256)]).save(self.kafka_lock)

    def obtain(self):  # type: ignore[no-untyped-def]
        return obtain(self.cache, kafka_lock=self.kafka_lock, registry_lock=self.registry_lock)


@pytest.fixture
def pinned(tmp_path: Path) -> Pinned:
    return Pinned(tmp_path)


def test_untouched_files_are_handed_over_again_and_again(pinned: Pinned) -> None:
    first, second = pinned.obtain(), pinned.obtain()

    assert first == second
    assert first.kafka_jars == (pinned.jar,)
    assert (first.registry / "quarkus-run.jar").read_bytes() == b"the registry"


def test_a_changed_jar_is_refused_by_name_with_both_sums(pinned: Pinned) -> None:
    expected = sha256_of(pinned.jar)
    pinned.jar.write_bytes(b"a jar, changed")

    with pytest.raises(ArtifactRefused, match=r"broker-1\.0\.jar") as refused:
        pinned.obtain()

    assert (refused.value.file, refused.value.expected) == (pinned.jar, expected)
    assert refused.value.actual == sha256_of(pinned.jar)


def test_a_changed_sum_in_the_lock_is_refused(pinned: Pinned) -> None:
    pinned.lock_jar("0" * 64)

    with pytest.raises(ArtifactRefused) as refused:
        pinned.obtain()

    assert (refused.value.file, refused.value.expected) == (pinned.jar, "0" * 64)


def test_a_jar_without_a_sum_is_refused(pinned: Pinned) -> None:
    pinned.lock_jar(None)

    with pytest.raises(ArtifactRefused, match="missing"):
        pinned.obtain()


def test_a_changed_archive_is_refused_also_when_it_was_unpacked_before(pinned: Pinned) -> None:
    pinned.obtain()
    pinned.archive.write_bytes(pinned.archive.read_bytes() + b"x")

    with pytest.raises(ArtifactRefused) as refused:
        pinned.obtain()

    assert refused.value.file == pinned.archive


@pytest.mark.parametrize("change", ["changed", "added", "removed"])
def test_what_was_unpacked_is_refused_when_a_file_of_it_is(pinned: Pinned, change: str) -> None:
    folder = pinned.obtain().registry
    touched = folder / ("added.jar" if change == "added" else "quarkus-run.jar")
    if change == "removed":
        touched.unlink()
    else:
        touched.write_bytes(b"other")

    with pytest.raises(ArtifactRefused) as refused:
        pinned.obtain()

    assert refused.value.file == touched


def test_a_list_of_contents_made_to_fit_is_refused(pinned: Pinned) -> None:
    folder = pinned.obtain().registry
    (folder / "quarkus-run.jar").write_bytes(b"other")
    folder.with_name("registry-2.0.sha256").write_text(describe(folder))

    with pytest.raises(ArtifactRefused):
        pinned.obtain()


def test_an_archive_cannot_write_outside_of_its_folder(pinned: Pinned) -> None:
    with tarfile.open(pinned.archive, "w:gz") as archive:
        member = tarfile.TarInfo("../../outside")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))
    text = pinned.registry_lock.read_text().splitlines()
    text[5] = f'sha256 = "{sha256_of(pinned.archive)}"'
    pinned.registry_lock.write_text("\n".join(text))

    with pytest.raises(tarfile.OutsideDestinationError):
        pinned.obtain()


def test_the_committed_locks_pin_every_file_and_name_no_host() -> None:
    for lock in (KAFKA_LOCK, REGISTRY_LOCK):
        assert "://" not in lock.read_text()
    dependencies = LockFile.load(KAFKA_LOCK).dependencies
    assert all(len(one.sha256 or "") == 64 for one in dependencies)
    assert {("kafka_2.13", "4.2.0"), ("kafka-tools", "4.2.0")} <= {
        (one.artifactId, one.version) for one in dependencies
    }


def test_the_cache_is_the_users_unless_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TOCSIN_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "tocsin"
    monkeypatch.setenv("TOCSIN_CACHE", str(tmp_path / "own"))
    assert default_cache() == tmp_path / "own"
