"""The kept results of whole runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HANGING = "hanging"
"""What a run of `hanging.py` is kept as."""
KEPT = Path(__file__).with_name("results.jsonl")


def kept() -> list[dict[str, Any]]:
    """Every kept report, oldest first."""
    return [json.loads(line) for line in KEPT.read_text().splitlines()] if KEPT.exists() else []
