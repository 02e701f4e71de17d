"""The local copy of a task's state: an ordered map of bytes that remembers how far it has read the changelog.

It is only ever a copy: discarding it costs a longer take-over and nothing else. Keys that begin with NUL are the
task's own (see position.py) or, with `_LOCAL`, the store's.
"""

from __future__ import annotations

import shutil
import threading
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol
from zlib import crc32

from rocksdict import AccessType, BlockBasedOptions, Cache, Options, Rdict, WriteBatch

from streams.tasks.disk import mounted_at, trouble_of
from streams.tasks.errors import StoreBroken, StoreInUse

FORMAT = 1
"""Version of the layout on disk. A store of another version is discarded."""

CLOCK_STEP = 3600.0
"""Seconds by which a copy may have been written in the future: clocks are set. One that is further ahead cannot be
dated, and is discarded as one that is too old."""

_LOCAL = b"\0\0"
_FORMAT_KEY = _LOCAL + b"format"
_OFFSET_KEY = _LOCAL + b"offset"
_WRITTEN_KEY = _LOCAL + b"written"
_REWRITE_KEY, _REWRITTEN_KEY = _LOCAL + b"rewrite", _LOCAL + b"rewritten"
_PAST_ALL_TEXT = b"\xff"
REWRITE_EVERY = 12 * 3600.0
"""Seconds: deleting only marks a value as gone; rewriting the files takes it off the disk (domain rule 16)."""
_DISCARD = "DISCARD"


class Store(Protocol):
    """An ordered map of bytes. Used by one thread at a time."""

    def get(self, key: bytes) -> bytes | None:
        """The value at `key`. Raises StoreBroken."""
        ...

    def scan(self, prefix: bytes, after: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Entries whose key begins with `prefix` and is greater than `after`, ascending. Raises StoreBroken.

        Writing while a scan is open may or may not be seen by it.
        """
        ...

    def write(self, changes: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        """Apply `changes` (None deletes) and remember `changelog_offset`, both or neither. Raises StoreBroken."""
        ...

    @property
    def changelog_offset(self) -> int:
        """The next changelog offset that this store has not got."""
        ...

    def wipe(self) -> None:
        """Forget everything and begin at changelog offset 0. Raises StoreBroken."""
        ...

    def close(self) -> None:
        """Release files and memory. Raises StoreBroken."""
        ...


class MemoryStore:
    """The store of tests and simulations."""

    def __init__(self) -> None:
        self._keys: list[bytes] = []
        self._values: dict[bytes, bytes] = {}
        self._offset = 0

    def get(self, key: bytes) -> bytes | None:
        return self._values.get(key)

    def scan(self, prefix: bytes, after: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        first = max(bisect_left(self._keys, prefix), bisect_right(self._keys, after))
        for key in self._keys[first : bisect_left(self._keys, prefix + _PAST_ALL_TEXT)]:
            if (value := self._values.get(key)) is not None:
                yield key, value

    def write(self, changes: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        for key, value in changes.items():
            if value is None:
                if self._values.pop(key, None) is not None:
                    del self._keys[bisect_left(self._keys, key)]
            else:
                if key not in self._values:
                    insort(self._keys, key)
                self._values[key] = value
        self._offset = changelog_offset

    @property
    def changelog_offset(self) -> int:
        return self._offset

    def wipe(self) -> None:
        self._keys, self._values, self._offset = [], {}, 0

    def close(self) -> None:
        return


class RocksStore:
    """The store on disk, one folder a partition.

    `max_age` (seconds) must be below the changelog's delete.retention.ms: an older copy may have missed tombstones.
    `discarded` is told why ("age", "format", "corrupt", "marked") whenever an existing copy is thrown away.
    A disk that is full or may not be written is no reason: the copy stays as it is and StoreBroken is raised, for a new
    one would fare no better. Every `rewrite_every` seconds its files are rewritten beside the work, without what was
    deleted. Raises StoreInUse when another process has the folder open.
    """

    def __init__(
        self,
        folder: Path,
        *,
        max_age: float,
        clock: Callable[[], float],
        discarded: Callable[[str], None],
        rewrite_every: float = REWRITE_EVERY,
    ) -> None:
        self._folder, self._clock, self._rewrite_every = folder, clock, rewrite_every
        self._rewriting: threading.Thread | None = None
        if why := self._open(max_age):
            discarded(why)
            self.wipe()

    def _open(self, max_age: float) -> str | None:
        """Open what is there; gives why it must be discarded, or None when it is good."""
        existed = (self._folder / "CURRENT").exists()
        if (self._folder / _DISCARD).exists():
            return "marked"
        try:
            self._db = self._connect()
            if not existed:
                self._initialise()
                return None
            known = self._db.get(_FORMAT_KEY)
            if known != str(FORMAT).encode():
                return "format"
            written, self._offset = float(self._db[_WRITTEN_KEY]), int(self._db[_OFFSET_KEY])
            self._rewritten = float(self._db.get(_REWRITTEN_KEY) or 0.0)
        except (StoreInUse, StoreBroken, MemoryError):
            raise
        except Exception as error:  # rocksdict raises bare Exception; a copy that cannot be read is rebuilt
            if trouble_of(error):
                raise self._broken(error) from error
            return "corrupt"
        return None if -CLOCK_STEP <= self._clock() - written <= max_age else "age"

    def _connect(self) -> Any:
        self._folder.mkdir(parents=True, exist_ok=True)
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        options.set_write_buffer_size(8 << 20)
        options.set_max_write_buffer_number(2)
        options.set_max_open_files(64)
        options.set_keep_log_file_num(2)
        options.set_max_total_wal_size(32 << 20)
        # It names the first and last key of files long gone, and keys are numbers of documents: begun anew each time.
        options.set_max_manifest_file_size(1)
        table = BlockBasedOptions()
        table.set_bloom_filter(10, False)
        table.set_block_cache(Cache(8 << 20))
        options.set_block_based_table_factory(table)
        try:
            return Rdict(str(self._folder), options, access_type=AccessType.read_write())
        except Exception as error:
            if "lock" in str(error).lower():
                raise StoreInUse(f"the store {self._folder.name} is open in another process") from error
            raise

    def _initialise(self) -> None:
        self._offset = 0
        self._db[_FORMAT_KEY] = str(FORMAT).encode()
        # As if rewritten some time ago, another one for each partition: a worker's stores take turns.
        self._rewritten = self._clock() - crc32(self._folder.name.encode()) % 1_000 / 1_000 * self._rewrite_every
        self.write({}, 0)

    def get(self, key: bytes) -> bytes | None:
        try:
            value: bytes | None = self._db.get(key)
        except Exception as error:
            raise self._broken(error) from error
        return value

    def scan(self, prefix: bytes, after: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        start = after + b"\0" if after >= prefix else prefix
        try:
            cursor = self._db.iter()
            cursor.seek(start)
            while cursor.valid():
                key: bytes = cursor.key()
                if not key.startswith(prefix):
                    break
                value: bytes = cursor.value()
                yield key, value
                cursor.next()
            cursor.status()
        except GeneratorExit:
            raise
        except Exception as error:
            raise self._broken(error) from error

    def write(self, changes: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        batch = WriteBatch(raw_mode=True)
        for key, value in changes.items():
            if value is None:
                batch.delete(key)
            else:
                batch.put(key, value)
        batch.put(_OFFSET_KEY, str(changelog_offset).encode())
        batch.put(_WRITTEN_KEY, repr(self._clock()).encode())
        if due := not 0 <= self._clock() - self._rewritten < self._rewrite_every:
            self._rewritten = self._clock()
        batch.put(_REWRITTEN_KEY, repr(self._rewritten).encode())
        try:
            self._db.write(batch)
        except Exception as error:
            raise self._broken(error) from error
        self._offset = changelog_offset
        if due:
            self._rewrite()

    def _rewrite(self) -> None:
        """Rewrite the files in a thread of its own: it waits for the disk, and the work goes on meanwhile."""
        if self._rewriting is not None and self._rewriting.is_alive():
            return
        db = self._db

        def rewrite() -> None:
            with suppress(Exception):  # what is broken, the next read or write finds and says
                db.flush()
                db.compact_range(None, None)
                db[_REWRITE_KEY] = b""  # one change more, whose manifest no longer names the files before
                db.flush()

        self._rewriting = threading.Thread(target=rewrite, name=f"rewriting {self._folder.name}", daemon=True)
        self._rewriting.start()

    @property
    def changelog_offset(self) -> int:
        return self._offset

    def wipe(self) -> None:
        with suppress(StoreBroken):  # what is thrown away may be broken
            self.close()
        try:
            with suppress(FileNotFoundError):
                shutil.rmtree(self._folder)
            self._db = self._connect()
            self._initialise()
        except (StoreInUse, StoreBroken):
            raise
        except Exception as error:
            raise self._broken(error) from error

    def close(self) -> None:
        if self._rewriting is not None:
            self._rewriting.join()
        if (db := self.__dict__.pop("_db", None)) is not None:
            try:
                db.close()
            except Exception as error:
                raise self._broken(error) from error

    def _broken(self, error: Exception) -> StoreBroken:
        if trouble := trouble_of(error):  # the copy is behind at most, and knows how far
            where = f"{self._folder} failed, disk {mounted_at(self._folder)}"
            return StoreBroken(f"the local store {where}: {trouble}; mend that, no copy is discarded for it")
        with suppress(OSError):
            (self._folder / _DISCARD).touch()
        return StoreBroken(f"the local store {self._folder} failed: {error}")
