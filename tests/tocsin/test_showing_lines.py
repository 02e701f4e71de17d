"""Cards where there is a terminal, and plain lines where there is none."""

from __future__ import annotations

import io

from consumers.watch.card import Line, Tone
from tocsin.cli.showing import Screen, json_line

CARD = [Line("SEIZE", Tone.TITLE), Line("  WARNINGS: armed", Tone.DANGER), Line("  met       [bold]Ali[/bold] :smile:")]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_pipe_gets_plain_text_and_no_line_that_is_replaced():
    out = io.StringIO()
    with Screen(out) as screen:
        screen.standing("line up", once=True)
        screen.standing("line up, later", once=False)
        screen.card(CARD)
    assert out.getvalue() == "line up\nSEIZE\n  WARNINGS: armed\n  met       [bold]Ali[/bold] :smile:\n\n"


def test_a_dumb_terminal_gets_plain_text_too(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    out = Terminal()
    with Screen(out) as screen:
        screen.card(CARD)
        screen.line("LINE LOST", Tone.DANGER)
    assert "\x1b" not in out.getvalue()
    assert "LINE LOST\n" in out.getvalue()


def test_a_terminal_gets_colours_and_a_bottom_line_and_markup_is_not_obeyed(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    out = Terminal()
    with Screen(out) as screen:
        screen.standing("line up", once=False)
        screen.card(CARD)
    assert "\x1b[1mSEIZE" in out.getvalue()
    assert "line up" in out.getvalue()
    assert "[bold]Ali[/bold] :smile:" in out.getvalue()


def test_json_is_ascii_so_that_no_value_can_steer_a_terminal():
    assert json_line({"name": "حسین\u202e\x9b"}) == '{"name":"\\u062d\\u0633\\u06cc\\u0646\\u202e\\u009b"}'
