"""What every store must do, and what the one on disk does with copies that it must not trust."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.tasks.disk import mounted_at, trouble_of
from streams.tasks.errors import StoreBroken, StoreInUse
from streams.tasks.store import REWRITE_EVERY, MemoryStore, RocksStore, Store

DAY = 86_400.0


class Disk:
    """Opens the same folder again and again, with a clock of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now, self.discarded = folder, 1_000_000.0, list[str]()

    def open(self) -> RocksStore:
        return RocksStore(self.folder, max_age=DAY, clock=lambda: self.now, discarded=self.discarded.append)


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "store")


@pytest.fixture(params=["memory", "rocks"])
def store(request: pytest.FixtureRequest, disk: Disk) -> Iterator[Store]:
    opened: Store = MemoryStore() if request.param == "memory" else disk.open()
    yield opened
    opened.close()


def test_a_new_store_is_empty_and_begins_at_the_start_of_the_changelog(store: Store) -> None:
    assert store.changelog_offset == 0
    assert store.get(b"a\0x") is None
    assert list(store.scan(b"a\0")) == []


def test_values_and_changelog_offset_are_written_together(store: Store) -> None:
    store.write({b"a\0x": b"1", b"a\0y": b"2"}, 7)
    assert (store.get(b"a\0x"), store.get(b"a\0y"), store.changelog_offset) == (b"1", b"2", 7)


def test_none_deletes_and_deleting_what_is_not_there_is_nothing(store: Store) -> None:
    store.write({b"a\0x": b"1"}, 1)
    store.write({b"a\0x": None, b"a\0z": None}, 2)
    assert store.get(b"a\0x") is None
    assert list(store.scan(b"")) == [] or all(key.startswith(b"\0") for key, _ in store.scan(b""))


def test_scan_gives_the_prefix_in_byte_order_and_only_what_comes_after(store: Store) -> None:
    store.write({b"a\0b": b"2", b"a\0a": b"1", b"a\0aa": b"3", b"b\0a": b"4", b"a": b"5"}, 1)
    assert [key for key, _ in store.scan(b"a\0")] == [b"a\0a", b"a\0aa", b"a\0b"]
    assert [key for key, _ in store.scan(b"a\0a")] == [b"a\0a", b"a\0aa"]
    assert [key for key, _ in store.scan(b"a\0", b"a\0a")] == [b"a\0aa", b"a\0b"]
    assert [key for key, _ in store.scan(b"a\0", b"b")] == []
    assert [key for key, _ in store.scan(b"a\0", b"a")] == [b"a\0a", b"a\0aa", b"a\0b"]


def test_wiping_forgets_values_and_offset(store: Store) -> None:
    store.write({b"a\0x": b"1"}, 9)
    store.wipe()
    assert (store.get(b"a\0x"), store.changelog_offset) == (None, 0)
    store.write({b"a\0x": b"2"}, 1)
    assert store.get(b"a\0x") == b"2"


@given(
    st.lists(st.dictionaries(st.text("ab\u00e9\U0001f600", max_size=3), st.none() | st.binary(max_size=2)), max_size=4),
    st.text("ab\u00e9", max_size=2),
    st.text("ab\u00e9", max_size=2),
)
@settings(max_examples=50, deadline=None)
def test_both_stores_agree_with_a_dictionary(
    tmp_path_factory: pytest.TempPathFactory, batches: list[dict[str, bytes | None]], prefix: str, after: str
) -> None:
    model: dict[str, bytes] = {}
    stores: list[Store] = [MemoryStore(), Disk(tmp_path_factory.mktemp("property") / "s").open()]
    for offset, batch in enumerate(batches):
        for key, value in batch.items():
            model.pop(key, None)
            if value is not None:
                model[key] = value
        for store in stores:
            store.write({f"t\0{key}".encode(): value for key, value in batch.items()}, offset)
    expected = [
        (f"t\0{key}".encode(), model[key])
        for key in sorted(model)
        if key.startswith(prefix) and (key > after or not after)
    ]
    for store in stores:
        beyond = f"t\0{after}".encode() if after else b""
        assert list(store.scan(f"t\0{prefix}".encode(), beyond)) == expected
        store.close()


def test_a_store_on_disk_is_there_after_reopening(disk: Disk) -> None:
    store = disk.open()
    store.write({b"a\0x": b"1"}, 5)
    store.close()
    again = disk.open()
    assert (again.get(b"a\0x"), again.changelog_offset, disk.discarded) == (b"1", 5, [])
    again.close()


def test_a_store_that_may_have_missed_tombstones_is_discarded(disk: Disk) -> None:
    store = disk.open()
    store.write({b"a\0x": b"1"}, 5)
    store.close()
    disk.now += DAY + 1
    again = disk.open()
    assert (again.get(b"a\0x"), again.changelog_offset, disk.discarded) == (None, 0, ["age"])
    again.close()


@pytest.mark.parametrize(("step", "kept"), [(-60.0, True), (-DAY, False)])
def test_a_clock_that_was_set_back_costs_no_copy_unless_nothing_can_tell_its_age(
    disk: Disk, step: float, kept: bool
) -> None:
    store = disk.open()
    store.write({b"a\0x": b"1"}, 5)
    store.close()
    disk.now += step
    again = disk.open()
    assert (again.changelog_offset, disk.discarded) == ((5, []) if kept else (0, ["age"]))
    again.close()


_UNTIL_FULL = """
import os, resource, signal, sys
from pathlib import Path
from streams.tasks.errors import StoreBroken
from streams.tasks.store import RocksStore
def opened(folder=Path(sys.argv[1])):
    return RocksStore(folder, max_age=1e9, clock=lambda: 1e6, discarded=sys.exit)
def full(most):
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, 1 << 20))
store = opened()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
full(1 << 20)
for number in range(1, 100):
    try:
        store.write({b"a\\0%d" % number: os.urandom(1 << 16)}, number)
    except StoreBroken as error:
        print(number - 1)
        print(error)
        break
try:
    store.close()
except StoreBroken:
    pass
for most, folder in (1 << 14, store._folder), (0, store._folder), (0, Path(sys.argv[2])):
    full(most)
    try:
        opened(folder)
    except StoreBroken as error:
        full(1 << 20)
        print(error)
os._exit(0)
"""


def test_a_disk_that_takes_no_more_breaks_the_store_loudly_and_the_copy_is_kept_for_when_there_is_room(
    disk: Disk, tmp_path: Path
) -> None:
    new = tmp_path / "new"
    done = subprocess.run(
        [sys.executable, "-c", _UNTIL_FULL, disk.folder, new], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    written, in_use, *at_restart = done.stdout.splitlines()
    assert int(written) >= 1

    def said(folder: Path) -> str:
        where = f"the local store {folder} failed, disk {mounted_at(folder)}"
        return f"{where}: File too large; mend that, no copy is discarded for it"

    assert (in_use, at_restart) == (said(disk.folder), [said(disk.folder), said(disk.folder), said(new)])

    again = disk.open()
    assert (again.changelog_offset, len(list(again.scan(b"a"))), disk.discarded) == (int(written), int(written), [])
    again.close()


def test_a_copy_that_must_go_and_finds_no_room_for_the_next_one_says_so(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk.open().close()
    disk.now += DAY + 1

    def no_room(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "at mkdir")

    monkeypatch.setattr("streams.tasks.store.shutil.rmtree", no_room)
    with pytest.raises(StoreBroken, match=f"^the local store {disk.folder} failed, disk .*: No space left on device; "):
        disk.open()


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (OSError(errno.EDQUOT, "at mkdir"), "Disk quota exceeded"),
        (Exception("IO error: No space left on device: While appending to file: 7.log"), "No space left on device"),
        (Exception("IO error: No such file or directory: While opening 7.sst"), None),
        (OSError(errno.EIO, "while reading"), None),
    ],
    ids=str,
)
def test_what_the_machine_lacks_is_told_from_damage(error: Exception, trouble: str | None) -> None:
    assert trouble_of(error) == trouble


def test_a_store_of_another_layout_is_discarded(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    store = disk.open()
    store.write({b"a\0x": b"1"}, 5)
    store.close()
    monkeypatch.setattr("streams.tasks.store.FORMAT", 2)
    again = disk.open()
    assert (again.get(b"a\0x"), again.changelog_offset, disk.discarded) == (None, 0, ["format"])
    again.close()


def test_a_corrupt_store_is_discarded(disk: Disk) -> None:
    store = disk.open()
    store.write({b"a\0x": b"1"}, 5)
    store.close()
    for manifest in disk.folder.glob("MANIFEST*"):
        manifest.write_bytes(b"junk")
    again = disk.open()
    assert (again.get(b"a\0x"), again.changelog_offset, disk.discarded) == (None, 0, ["corrupt"])
    again.close()


def test_a_store_that_failed_in_use_is_discarded_when_opened_again(disk: Disk) -> None:
    store = disk.open()
    store.write({b"a\0x": b"1"}, 5)
    store.close()
    (disk.folder / "DISCARD").touch()
    again = disk.open()
    assert (again.get(b"a\0x"), disk.discarded) == (None, ["marked"])
    again.close()
    assert disk.open().changelog_offset == 0
    assert disk.discarded == ["marked"]


def test_a_store_that_somebody_has_open_is_neither_shared_nor_discarded(disk: Disk) -> None:
    store = disk.open()
    store.write({b"a\0x": b"1"}, 5)
    with pytest.raises(StoreInUse):
        disk.open()
    assert store.get(b"a\0x") == b"1"
    store.close()


def on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_what_was_deleted_leaves_the_disk_with_the_next_rewrite(disk: Disk) -> None:
    store = disk.open()
    store.write({b"z\0passport": b"somebody's name", b"a\0y": b"kept"}, 1)
    disk.now += REWRITE_EVERY
    store.write({b"a\0u": b""}, 2)
    store.close()
    assert b"z\0passport" in on_disk(disk.folder)
    store = disk.open()
    store.write({b"z\0passport": None}, 3)
    store.close()
    assert b"z\0passport" in on_disk(disk.folder)
    disk.now += REWRITE_EVERY
    store = disk.open()
    store.write({b"a\0z": b"time passes"}, 4)
    store.close()
    assert b"somebody's name" not in on_disk(disk.folder)
    assert b"z\0passport" not in on_disk(disk.folder)
    assert b"kept" in on_disk(disk.folder)
    reopened = disk.open()
    assert (reopened.get(b"z\0passport"), reopened.get(b"a\0y")) == (None, b"kept")
    reopened.close()


def test_a_value_that_was_overwritten_and_flushed_leaves_the_disk_too(disk: Disk) -> None:
    for version in range(5):
        store = disk.open()
        store.write({b"a\0x": b"name %d" % version}, version + 1)
        disk.now += REWRITE_EVERY
        store.close()
    store = disk.open()
    store.write({b"a\0z": b""}, 9)
    store.close()
    assert [b"name %d" % version in on_disk(disk.folder) for version in range(5)] == [False] * 4 + [True]
