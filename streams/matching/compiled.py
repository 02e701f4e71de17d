"""How the inner loops are compiled: numba, kept on disk, so that a second start compiles nothing.

Numba keeps the machine code in NUMBA_CACHE_DIR if that is set, else beside the sources, else in the user's cache
folder. It holds kept code valid while the function's own file is unchanged, but code of other files is compiled
into it: so here the mark of validity is one digest of every source of this package.

Compiled functions release the interpreter's lock: whoever shares an index between threads must not change it while
another searches.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


@lru_cache(maxsize=1)
def _digest() -> str:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """The function as machine code, made at its first call and kept on disk.

    It borrows its arrays and makes none: numba would else count, by atomic additions, who holds each array at each
    call and view, which took a third of a search and half of the compilation.
    """
    return _compiled(function, counted=False)


def allocating(function: Callable[P, R]) -> Callable[P, R]:
    """The same for one that makes arrays, or returns one. It should leave loops to others."""
    return _compiled(function, counted=True)


def _readable(load: Callable[..., T], nothing: Callable[[], T], *asked: Any) -> T:
    """What is kept on disk of a function; `nothing` where it cannot be read. What another release kept may name types
    that are gone, and numba looks whether it is of this one only when it has read all of it."""
    try:
        return load(*asked)
    except Exception:  # noqa: BLE001 - what reads spoilt bytes may raise anything
        return nothing()


def _compiled(function: Callable[P, R], counted: bool) -> Callable[P, R]:
    # `_nrt`: numba's name for counting references; see numba.core.options.
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": counted}
    try:
        dispatcher: Any = njit(function, cache=True, **options)
    except RuntimeError:
        # Nowhere to keep machine code (all is read-only): it is made anew at every start.
        dispatcher = njit(function, **options)
    kept = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if kept is not None:
        kept._source_stamp = _digest()
        kept._load_index = partial(_readable, kept._load_index, dict)
        kept.load = partial(_readable, kept.load, lambda: None)
    return cast("Callable[P, R]", dispatcher)
