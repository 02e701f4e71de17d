"""Has a planted fault shown as what it is? One that fails by itself differs in every history, and proves nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BY_ITSELF = re.compile(r"ended with (?!Hole: )|something was set aside")
"""A process ended with what no task raises on purpose, or a stage raised something."""


def is_symptom(said: Sequence[str], shows: str) -> bool:
    """Are the differences `said` those of a break that `shows` so? False as well where there are none."""
    return bool(said) and re.search(shows, said[0]) is not None and not any(map(_BY_ITSELF.search, said))
