"""`make bench`: every benchmark of this folder, JSON lines on standard output, each beside its baseline.

python -m benchmarks                 # all
python -m benchmarks codec gate      # some
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(names: list[str]) -> int:
    """Run the named benchmarks (all, if none is named), each in a process of its own; returns how many failed."""
    known = sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))
    unknown = set(names) - set(known)
    if unknown:
        sys.stderr.write(f"no benchmark called {', '.join(sorted(unknown))}; there are: {', '.join(known)}\n")
        return 2
    failed = 0
    for name in names or known:
        sys.stderr.write(f"{name} ...\n")
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
