"""Names read by what is known of their words are read as `nameforms` reads them, whatever the names."""

from __future__ import annotations

import threading

import pytest
from faker import Faker
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codes import NameQuality, NameType
from schemas.subjects import BirthDate, Name, Subject
from streams.matching import blocks
from streams.matching.beside import kind_of
from streams.matching.blocks import MOST_DATES, MOST_READ_TWICE, form_of, of_forms, prepare
from streams.matching.layout import FIRST, FORMS
from streams.matching.nameforms import borne, forms_of, read_whole, words
from streams.matching.reading import KnownWords, NoRoom

# Particles, titles, compounds, what completes another word, signs, scripts, marks, what NFKC changes.
_WORDS = """
    Karim KARIM karim Müller Mu\u0308ller O'Brien O’Brién D'Souza Іван ИВАН Иванов оглы Γιώργος Ahmed2 2 2nd II e E y i
    u de De van der bin Bin ben al Al el-Sayed Al-Ghamdi Abd Abdul Abdulrahman abd Rahman Allah ullah Habibullah Dr Haji
    Abdullah Alauddin uddin din Din Abu Bakr Abubakr Mohammad Md MXHMD XHMD MHMD MXHMXD Alexander Xavier mata fa tafa
    Mus Mustafa wood hari a b c d f g عبد الله عبدالله عبدالرحمن دين الدين الرحمن الحسن حسن علي محمد سعود ابو بكر بن آل
    اللّٰه نور قلب حسين موسوی ابن שלום בן דוד הראשון ג'ורג' করিম উদ্দিন শেখ মোঃ राम 김영수 김 영수 金正恩 毛泽东 欧阳修 毛
    泽东 남궁민수 3세 ยิ่งลักษณ์ თამარ ア イ アキラ محمد\u200cعلي Sheikh Ltd the ½ \ufb01 \u212b \u0338x \u0301a ß ſ İ ı
    王·小明 \x01김 \x01 \x00 小林 Smith-Jones Jean-Luc Ünal ' -- . , <<
"""
WORDS = st.sampled_from(_WORDS.split())
NAMES = st.lists(st.one_of(WORDS, WORDS, st.text(max_size=8)), max_size=13).map(" ".join)
SEPARATED = st.builds(
    lambda parts, between: between.join(parts),
    st.lists(WORDS, min_size=1, max_size=5),
    st.sampled_from([" ", "-", "·", "<", ", ", "\u00a0", "", "="]),
)


def read_alike(*names: Name) -> None:
    subject = Subject(subject_id="1", names=names, births=(BirthDate(year=1980, month=2, day=3),))
    found = prepare(subject)
    other = of_forms(subject, kind_of(subject, MOST_DATES), sorted(set(borne(subject))), found.block[3:4].tolist())
    assert found.words.tolist() == other.words.tolist()
    assert found.block.tolist() == other.block.tolist()
    assert found.organisation is other.organisation is False
    for name in borne(subject):
        assert forms_of(*name, organisation=False) == read_whole(*name, organisation=False)


@settings(max_examples=800, deadline=None)
@given(st.one_of(NAMES, SEPARATED).filter(lambda text: text.strip() != ""))
def test_a_name_reads_the_same(text: str) -> None:
    read_alike(Name.model_construct(full=text, type=NameType.CURRENT, quality=NameQuality.GOOD, truncated=False))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(NAMES, st.booleans(), st.booleans(), st.sampled_from(NameType)), min_size=1, max_size=5))
def test_several_names_of_one_read_the_same(drawn: list[tuple[str, bool, bool, NameType]]) -> None:
    read_alike(
        *(
            Name.model_construct(
                full=text, type=kind, quality=NameQuality.LOW if low else NameQuality.GOOD, truncated=truncated
            )
            for text, low, truncated, kind in drawn
        )
    )


_LOCALES = "en_US de_DE fr_FR ru_RU el_GR ar_SA fa_IR he_IL bn_BD hi_IN ko_KR zh_CN ja_JP"


@pytest.mark.parametrize("locale", _LOCALES.split())
def test_names_of_every_script_read_the_same(locale: str) -> None:
    faker = Faker(locale)
    faker.seed_instance(7)
    for _ in range(300):
        read_alike(Name(full=faker.name()), Name(full=f"{faker.last_name()} {faker.first_name()}"))


def test_of_a_name_of_too_many_plain_words_the_rarest_are_kept_in_either_way() -> None:
    read_alike(Name(full=" ".join(f"Karim{letter} Osman{letter}" for letter in "abcdefg")))


def test_a_word_that_only_ends_another_is_none_of_its_own() -> None:
    for text in (
        "Mus tafa",
        "MXHMXD الالدين",
        "نور الالدين",
        "عبد الحي",
        "Tafa Mus",
        "Abu Bakr",
        "عبد الله",
        "عبد الحق",
        "نور الدين",
        "الدين نور",
        "Habib Ullah",
    ):
        read_alike(Name(full=text))
    assert [word.sounds for word in words("Mus tafa")] == [word.sounds for word in words("Mustafa")]


def test_when_no_word_more_can_be_known_all_are_forgotten_and_names_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_known", KnownWords(most=40))
    before = blocks._known
    for number in range(200):
        read_alike(Name(full=f"Karim {chr(97 + number % 26)}{chr(97 + number // 26)}dov"))
    assert blocks._known is not before


def test_no_room_is_said_and_nothing_kept() -> None:
    known = KnownWords(most=2)
    name = ("Karim Ahmed Selim", False, False)
    with pytest.raises(NoRoom):
        known.read(0, [], [name])
    assert known.read(0, [], [("Karim Ahmed", False, False)]) is not None


@pytest.mark.parametrize(
    "text", ["Karim=\u0338 Ahmed", "Karim<\u0338-Ahmed Ali", "Karim=\uff9e\u0338abc", "A=\u0f73\u0338b"]
)
def test_a_mark_that_becomes_one_with_a_separator_separates_nothing(text: str) -> None:
    read_alike(Name(full=text))


@pytest.mark.parametrize("words", [["Abdulkarim", "Abdulrahim", "Abdulhadi"], ["a" * 60, "b" * 60]])
def test_words_that_take_more_room_than_most_are_no_room_either(words: list[str]) -> None:
    known = KnownWords(most=4)
    for word in words[:-1]:
        assert known.add(word.encode())
    kept = [array.copy() for array in known._kept]
    assert not known.add(words[-1].encode())
    assert all((array == before).all() for array, before in zip(known._kept, kept, strict=True))


def test_a_subject_of_many_new_words_is_read_and_learnt_by_and_by(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks._known, names = (
        KnownWords(),
        [f"Zo{chr(97 + n % 26)}ro{chr(97 + n // 26)} Ta{chr(97 + n)}ek" for n in range(26)],
    )
    for _ in range(5):
        blocks._prepared.clear()
        read_alike(*(Name(full=name) for name in names))
    assert blocks._known.read(0, [], [(name, False, False) for name in names]) is not None


def test_threads_that_learn_at_once_read_whole_words() -> None:
    vowels = ("a", "ei", "o", "uk", "im")
    names = [f"{first}{second}r {second}{first}n" for first in "abcdefghijklm" for second in vowels]
    alone = KnownWords()
    expected = {name: found[0].tolist() for name in names if (found := alone.read(0, [], [(name, False, False)]))}
    assert len(expected) > len(names) // 2
    known, wrong = KnownWords(), []

    def run(shift: int) -> None:
        for name in names[shift:] + names[:shift]:
            found = known.read(0, [], [(name, False, False)])
            if (found and found[0].tolist()) != expected.get(name):
                wrong.append(name)

    threads = [threading.Thread(target=run, args=(5 * number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_long_word_is_left_to_the_slow_way() -> None:
    read_alike(Name(full=f"Karim {'abcdefgh' * 12}"))
    assert KnownWords().read(0, [], [(f"Karim {'abcdefgh' * 12}", False, False)]) is None


def test_a_name_with_particles_is_read_in_both_ways_unless_there_are_many_names():
    others = [f"Karim Ahmed{letter}" for letter in "abcdefghij"]
    for more in (0, MOST_READ_TWICE - 1, MOST_READ_TWICE):
        names = ("Maria de la Cruz", *others[:more])
        subject = Subject(subject_id="1", names=tuple(Name(full=name) for name in names))
        made = prepare(subject)
        read = [[word.text for word in form_of(subject, number).words] for number in range(int(made.block[FORMS]))]
        assert [form for form in read if "maria" in form] == [["maria", "cruz"], ["maria", "delacruz"]][
            : 1 if len(names) > MOST_READ_TWICE else 2
        ]
        assert len(read) == len(names) + (len(names) <= MOST_READ_TWICE)
        rows = [b"".join(word.row for word in form_of(subject, number).words) for number in range(len(read))]
        at = FIRST
        for row in rows:
            count = int(made.block[at + 1])
            assert made.words[made.block[at + 2 : at + 2 + count]].tobytes() == row
            at += 2 + count


@pytest.mark.parametrize("name", ["de", "de la", "Van Le", "La Cruz", "de la Cruz", "Cruz de", "de é"])
def test_a_name_that_is_one_word_with_its_particle_is_read_in_one_way(name: str):
    made = prepare(Subject(subject_id="1", names=(Name(full=name),)))
    assert made.block[FORMS] == 1
