"""Machine code that is kept on disk."""

import pickle
from pathlib import Path

import pytest
from numba.core import caching

from streams.matching.lists import size_of


class _Gone:
    """A type of another release."""


def test_kept_code_of_a_release_whose_types_are_gone_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    kept = size_of._cache._cache_file
    index = tmp_path / "kept.nbi"
    monkeypatch.setattr(kept, "_index_path", str(index))
    assert kept._load_index() == {}
    fresh = pickle.dumps(caching.numba.__version__)
    whole = pickle.dumps(("", {"key": _Gone()}))
    for spoilt in (whole.replace(b"_Gone", b"_Lost"), whole[:9], b""):
        index.write_bytes(fresh + spoilt)
        assert kept._load_index() == {}
        assert kept.load("key") is None
    index.write_bytes(fresh + pickle.dumps((kept._source_stamp, {"key": "code"})))
    assert kept._load_index() == {"key": "code"}
    monkeypatch.setattr(kept, "_cache_path", str(tmp_path))
    for spoilt in (b"", pickle.dumps("code")[:5]):
        (tmp_path / "code").write_bytes(spoilt)
        assert kept.load("key") is None
    (tmp_path / "code").write_bytes(pickle.dumps("code"))
    assert kept.load("key") == "code"
