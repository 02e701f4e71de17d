"""What keeps a store from its disk: trouble of the machine, which is no fault of the copy that lies there."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_TROUBLES = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EMFILE,
    errno.ENFILE,
)
"""No room, no right, no file handle. Not EIO or ENOENT: there the copy itself is damaged, and is built anew."""


def trouble_of(error: BaseException) -> str | None:
    """What the machine does not give, in the system's words ("No space left on device"), or None for another error.

    RocksDB raises a bare Exception whose text holds these words.
    """
    if isinstance(error, OSError):
        return os.strerror(error.errno) if error.errno in _TROUBLES else None
    text = str(error)
    return next((words for words in map(os.strerror, _TROUBLES) if words in text), None)


def mounted_at(folder: Path) -> Path:
    """Where the disk that holds `folder` (which need not exist) is mounted."""
    path = folder.absolute()
    return next(above for above in (path, *path.parents) if os.path.ismount(above))
