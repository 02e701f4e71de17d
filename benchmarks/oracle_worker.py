"""Scores pairs with nomenklatura's logic-v2; runs in `.venv-oracle`, started by `benchmarks/oracle.py` alone.

Reads JSON lines `{"entities": {id: FollowTheMoney entity without id}, "pairs": [[query id, result id], ...]}` and
answers each with `{"scores": [...], "seconds": s}`: seconds of the comparisons alone. Entities are kept for later.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

from followthemoney import EntityProxy, model
from nomenklatura.matching import LogicV2

ANSWERS = sys.stdout


def main() -> None:
    """Answer until the other side closes."""
    kept: dict[str, EntityProxy] = {}
    config = LogicV2.default_config()
    print(json.dumps({"version": version("nomenklatura")}), file=ANSWERS, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        for key, made in asked["entities"].items():
            kept[key] = model.get_proxy({"id": key, **made})
        pairs = [(kept[left], kept[right]) for left, right in asked["pairs"]]
        began = time.perf_counter()
        scores = [LogicV2.compare(left, right, config).score for left, right in pairs]
        print(json.dumps({"scores": scores, "seconds": time.perf_counter() - began}), file=ANSWERS, flush=True)


if __name__ == "__main__":
    # What libraries print must not get between the answers.
    sys.stdout = sys.stderr
    main()
