"""Text from outside neither steers a terminal nor scrambles its lines."""

from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from tocsin.cli.terminal import isolated, plain, visible


def test_colour_sequences_and_titles_leave_nothing_behind():
    assert visible("a\x1b[31mred\x1b[0m b") == "ared b"
    assert visible("x\x1b]0;new title\x07y") == "xy"
    assert visible("x\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\y") == "xlinky"
    assert visible("x\x9b2Jy") == "xy"


def test_direction_overrides_and_hidden_characters_are_stripped():
    assert visible("AB\u202eDC\u202c \u2067x\u2069\u200b\ufeff") == "ABDC x"


def test_a_name_stays_on_one_line():
    assert visible("a\r\nb\tc\u2028d") == "a  b c d"


def test_joiners_of_persian_and_bengali_names_stay():
    assert visible("علی\u200cرضا") == "علی\u200cرضا"


def test_markup_in_a_name_is_shown_and_not_obeyed():
    assert Text.from_markup(plain("[bold red]Ali[/bold red] [link=x]")).plain == "[bold red]Ali[/bold red] [link=x]"


def test_only_right_to_left_text_is_isolated():
    assert isolated("حسین موسوی") == "\u2068حسین موسوی\u2069"
    assert isolated("Md. Rahim") == "Md. Rahim"
    assert isolated("ab\u2069c") == "abc"


@given(st.text())
def test_nothing_that_a_terminal_obeys_gets_through(text: str):
    assert all(char.isprintable() or char in "\u200c\u200d\u2068\u2069" or ord(char) > 0x9F for char in isolated(text))
    assert "\x1b" not in plain(text)
    assert visible(visible(text)) == visible(text)
