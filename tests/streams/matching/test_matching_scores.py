"""Scores change only on purpose."""

from benchmarks.pairs.scores import changed


def test_no_kept_score_changed_unreviewed():
    assert changed() == [], "review with `make scores`, accept with `make scores ARGS=--accept`"
