"""Bytes side by side: the same on every processor."""

import os
import subprocess
import sys

import pytest

_LOOKED_UP = """
import numpy as np
from numba import njit
from streams.matching.lookups import PARTS, TABLE, look_up, split_places
from streams.matching.vectors import LANES

@njit
def looked_up(grid, tables, at):
    split_places(grid, 1, 0)
    look_up(grid, 1 + PARTS, 1, tables, at)

tables = np.random.default_rng(1).integers(0, 256, 3 * TABLE).astype(np.uint8)
for begin in (0, TABLE - LANES):
    grid = np.zeros((2 + PARTS) * LANES, np.uint8)
    grid[:LANES] = np.arange(begin, begin + LANES)
    looked_up(grid, tables, 2)
    assert (grid[-LANES:] == tables[2 * TABLE + begin :][:LANES]).all(), begin
print(*sorted({name for name in ("pshufb", "vpshufb") if name in next(iter(looked_up.inspect_asm().values()))}))
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the three kinds of processor are of x86")
@pytest.mark.parametrize(("features", "uses"), [("+avx2", "vpshufb"), ("+ssse3", "pshufb"), ("", "")])
def test_a_processor_without_an_instruction_looks_up_the_same(features: str, uses: str) -> None:
    chosen = {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": features}
    run = subprocess.run(
        [sys.executable, "-c", _LOOKED_UP], env={**os.environ, **chosen}, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert uses in run.stdout.split() if uses else run.stdout.strip() == ""
