"""A frame stands for the arrays that it was made of."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from matching_cases import person
from numba import njit
from numpy.typing import NDArray

from streams.matching import PersonIndex
from streams.matching.frame import room_of, scales_of, store_of


@njit
def _opened(frame: NDArray[np.int64]) -> tuple[Any, ...]:
    return store_of(frame), scales_of(frame), room_of(frame)


def _arrays(held: Any) -> Iterator[NDArray[Any]]:
    if isinstance(held, tuple):
        for one in held:
            yield from _arrays(one)
    else:
        yield held


def test_every_array_of_an_index_comes_out_of_its_frame_as_it_went_in_also_after_the_index_grew() -> None:
    index = PersonIndex()
    for number in range(300):
        index.put(str(number), person(f"Karim{chr(97 + number % 26)} Ahmad{number % 11 * 'a'}b", born="1971-03-05"))
    whole = (index._store, index._scales, index._room)
    made = list(_arrays(_opened(index._frame)))
    kept = list(_arrays(whole))
    assert len(made) == len(kept)
    for one, other in zip(made, kept, strict=True):
        assert other.flags.c_contiguous
        assert (one.ctypes.data, one.shape, one.dtype) == (other.ctypes.data, other.shape, other.dtype)
