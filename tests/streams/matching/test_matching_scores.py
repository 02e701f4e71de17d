"""Scores that were reviewed once stay as they are until they are reviewed again."""

from benchmarks import scores


def test_no_score_of_a_kept_pair_changes_unreviewed():
    found = scores.changes(scores.rows())
    shown = "\n".join(str(change) for change in found[:20])
    assert not found, f"{len(found)} scores changed; review them with make scores, then ARGS=--accept:\n{shown}"


def test_a_changed_score_is_noticed_and_another_band_shown_first():
    rows = scores.rows()[:3]
    rows[1]["score"] = "-1.00"
    rows[2]["band"] = "EXACT"
    assert [change.row for change in scores.changes(rows)] == [rows[2], rows[1]]
    assert "EXACT ->" in str(scores.changes(rows)[0])


def test_accepted_scores_are_no_change_any_more(tmp_path, monkeypatch):
    monkeypatch.setattr(scores, "FILE", tmp_path / "scores.csv")
    rows = [{"kind": "k", "left": "Ali Karimov", "right": "Ali Karimow", "left_born": "", "right_born": "1971-02"}]
    rows[0] |= {"score": "", "band": ""}
    scores.accept(rows, scores.changes(rows))
    assert len(scores.rows()) == 1
    assert scores.changes(scores.rows()) == []
