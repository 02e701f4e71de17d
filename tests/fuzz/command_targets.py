"""Commands that read what somebody was sent: they end with exit code 0 or 1, never with a traceback.

What they print holds nothing that steers a terminal, and can be written wherever UTF-8 is.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import tocsin.cli
from schemas.golden_messages import FOLDER, SEED
from streams.matching.warming import warm
from tests.fuzz.files import json_lines
from tests.fuzz.hostile import ROOT, mutated
from tests.fuzz.records import records, unpacked

_STEERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]")
"""Of isolates (U+2066 to U+2069) our own surround what is shown."""
_SETTINGS = ("TOCSIN_BUREAUS", "TOCSIN_KEYS", "TOCSIN_STATE")


class CommandTarget:
    """A command line: {} is the file that the bytes are, {out} one that may be written, {key} the key of the golden
    messages."""

    def __init__(self, *words: str, json_too: bool = False) -> None:
        self._words, self._json_too = words, json_too
        self._app = tocsin.cli.build()
        warm()  # that compiled code is loaded is no input's cost
        self._folder = tempfile.TemporaryDirectory(prefix="fuzz-")
        public = Ed25519PrivateKey.from_private_bytes(SEED).public_key()
        text = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        Path(self._folder.name, "key.pub").write_bytes(text)

    def __call__(self, data: bytes) -> str | None:
        """None where all is right; else whether it was judged or could not be read."""
        folder = Path(self._folder.name)
        file, out = folder / "file.csv", folder / "out.csv"
        file.write_bytes(data)
        words = [word.format(file, out=out, key=folder / "key.pub") for word in self._words]
        if self._json_too and len(data) % 2:
            words.append("--json")
        code, said, told = _run(self._app, words, folder)
        assert code in (0, 1), f"exit code {code}"
        assert "Traceback" not in told
        for text in (said, told):
            assert (found := _STEERS.search(text)) is None, f"prints {found!r}"
        if code == 0:
            return None
        if said:
            return "judged wrong"
        lines = told.splitlines()
        assert lines, "fails without a word"
        assert lines[-1].startswith("tocsin: ")
        return "not read"


def _run(app: typer.Typer, words: Sequence[str], folder: Path) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one command."""
    outputs = [io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2)]
    kept = {name: os.environ.pop(name, None) for name in _SETTINGS}
    os.environ["TOCSIN_STATE"] = str(folder / "none")
    argv, build = sys.argv, tocsin.cli.build
    sys.argv, tocsin.cli.build = ["tocsin", *words], lambda asked=None: app
    code: Any = 0
    try:
        with contextlib.redirect_stdout(outputs[0]), contextlib.redirect_stderr(outputs[1]):
            tocsin.cli.main()
    except SystemExit as error:
        code = error.code or 0
    finally:
        sys.argv, tocsin.cli.build = argv, build
        os.environ.pop("TOCSIN_STATE")
        os.environ.update({name: value for name, value in kept.items() if value is not None})
    said = []
    for output in outputs:
        output.flush()
        said.append(output.buffer.getvalue().decode())  # type: ignore[attr-defined]
    return int(code), said[0], said[1]


def command(*words: str, json_too: bool = False) -> Callable[[], CommandTarget]:
    """How the target of a command line is made."""
    return lambda: CommandTarget(*words, json_too=json_too)


EXAMPLES = ROOT / "examples"
CHECK_MESSAGE = command("check-message", "{}", "--at", "2026-11-24T12:10Z", "--public-key", "{key}", json_too=True)
COMPARE = command(
    "compare", "{}", "--out", "{out}", "--jobs", "1", "--columns", "left_name=Passenger,right_name=Listed"
)
_LIST, _MET = str(EXAMPLES / "watchlist.jsonl"), str(EXAMPLES / "travellers.csv")
_ENDS = ("--out", "{out}", "--jobs", "1", "--at", "2026-11-24")
SCREEN_TRAVELLERS = command("screen", "--watchlist", _LIST, "--queries", "{}", *_ENDS)
SCREEN_LIST = command("screen", "--watchlist", "{}", "--queries", _MET, "--format", "jsonl", *_ENDS)


def messages(rng: random.Random) -> Iterator[bytes]:
    """Files with messages to be judged, for ever: our own form and kcat's, right and with something hostile."""
    golden = [path.read_bytes() for path in sorted(FOLDER.glob("*.json"))]
    made = records(rng)
    while True:
        data = (
            rng.choice(golden)
            if rng.random() < 0.3
            else b"\n".join(_message(rng, made) for _ in range(rng.randint(1, 3)))
        )
        if rng.random() < 0.5:
            data = json_lines(rng, data)
        yield mutated(rng, [data]) if rng.random() < 0.3 else data


def _message(rng: random.Random, made: Iterator[bytes]) -> bytes:
    record = unpacked(next(made))
    value = record.value or b""
    headers = [[name, None if text is None else text.decode("latin-1")] for name, text in record.headers[:40]]
    whole: dict[str, Any] = {"topic": record.topic, "headers": headers, "timestamp": record.timestamp}
    if rng.random() < 0.3:
        flat = [text for pair in headers for text in pair]
        whole |= {"ts": record.timestamp, "headers": flat, "payload": value.decode("utf-8", "surrogateescape")}
        whole["key"] = (record.key or b"").decode("utf-8", "surrogateescape")
    elif rng.random() < 0.5:
        whole |= {"key_hex": (record.key or b"").hex(), "value_hex": None if record.value is None else value.hex()}
    else:
        whole |= {
            "key_base64": base64.b64encode(record.key or b"").decode(),
            "value_base64": base64.b64encode(value).decode(),
        }
    text = json.dumps(whole, ensure_ascii=rng.random() < 0.5)
    return text.encode("utf-8", "surrogateescape" if rng.random() < 0.5 else "backslashreplace")
