"""Names as people bear them: each row is a rule of names, and what it must (or must not) bring together."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matching_cases import entry, person

from schemas.codes import SubjectKind, Verdict
from schemas.subjects import Name, Subject
from streams.matching import compare_pair, decide
from streams.matching.alignment import BOTH_ALONE
from streams.matching.blocks import prepare
from streams.matching.comparing import most_of
from streams.matching.families import FAMILIES, TIES, family, tie
from streams.matching.holding import SCORE
from streams.matching.nameforms import forms
from streams.matching.persons import said_of

BORN = "1971-03-05"

SAME = [
    ("free order, comma", "SALEK, ABDULHAI", "Abdul Hai Salek"),
    ("Abdul joined and split", "Abdulrahman al-Makki", "Abd al-Rahman Makki"),
    ("assimilated article", "Abdur Rashid Khan", "Abdul Rashid Khan"),
    ("article joined and split", "Saeed Alghamdi", "Saeed Al-Ghamdi"),
    ("article joined, in Arabic", "فيصل المنصوري", "Faisal Almansouri"),
    ("-ullah joined and split", "Najib Ullah Haqqani", "Najibullah Haqqani"),
    ("-uddin and al-Din", "Salahuddin Rabbani", "Salah al-Din Rabbani"),
    ("Md is Mohammad", "Md Rafiq Islam", "Mohammad Rafiq Islam"),
    ("spelling family", "Muhammed Yousuf Choudhury", "Mohammad Yusuf Chowdhury"),
    ("Arabic in the MRZ", "MXHMD HSN", "Muhammad Hasan"),
    ("MRZ fillers", "ERIKSSON<<ANNA<MARIA", "Anna Maria Eriksson"),
    ("umlaut as two letters", "Mueller Joerg", "Jörg Müller"),
    ("umlaut without marks", "Muller Jorg", "Jörg Müller"),
    ("hyphen joined", "Kim Jongun", "Kim Jong-un"),
    ("two words written as one", "Khairullah Khudainazar", "Khairullah Khudai Nazar"),
    ("Spanish particles joined", "Maria Delacruz", "De la Cruz, Maria"),
    ("Dutch particles joined", "VANDERBERG<<JAN", "Jan van der Berg"),
    ("a French article joined", "Leroux Jean", "Jean Le Roux"),
    ("nickname", "Bill Wainwright", "William Wainwright"),
    ("nickname with no letter in common", "Vova Gubanov", "Vladimir Gubanov"),
    ("nickname in another script", "Вова Губанов", "Vladimir Gubanov"),
    ("any spelling of a name that is tied to another", "Yousef Wainwright", "Joseph Wainwright"),
    ("the same name in another language", "Miklos Haraszti", "Nicholas Haraszti"),
    ("a father's name more", "Hassan Mahat Omar Warsame", "Hassan Mahat Omar"),
    ("one letter wrong", "Sylvestre Mudacumura", "Sylvestre Mudacumara"),
    ("two slips in a rare name", "Poogène Ruvugayimikore", "Protogène Ruvugayimikore"),
    ("two letters exchanged", "Mohammad Jawad Waziir", "Mohammad Jawad Waziri"),
    ("Arabic", "محمد شفيق محمدي", "Mohammad Shafiq Mohammadi"),
    ("Arabic, names of God", "عبد الرحمن المكي", "Abdul Rahman Makki"),
    ("Persian", "گلبدین حکمتیار", "Gulbuddin Hekmatyar"),
    ("Cyrillic", "Рустам Магомедович Асельдеров", "Rustam Magomedovich Aselderov"),
    ("French o in Cyrillic", "Виктор Гиро", "Victor Giraud"),
    ("French silent t in Cyrillic", "Виктор Роше", "Victor Rochet"),
    ("ng in Arabic", "كلاوس رينغ", "Klaus Ring"),
    ("Hebrew", "ג'ורג' וושינגטון", "George Washington"),
    ("Hebrew regnal number in words", "קלמנס השישי", "Klemens VI"),
    ("Hangul written in one", "김정은", "Kim Jong Un"),
    ("Hangul for a foreigner", "조지 워싱턴", "George Washington"),
    ("Japanese f in Hangul", "후지모토 준고", "Jungo Fujimoto"),
    ("a vowel between liquids in Hangul", "카를 알브레히트", "Karl Albrecht"),
    ("a long vowel for r in Kana", "マーク ジョンソン", "Mark Johnson"),
    ("m before b and p in Kana", "ヤンポルスキー ハンブレン", "Yampolsky Hamblen"),
    ("l and f in Kana", "マルガレータ ホフマン", "Margareta Hoffmann"),
    ("ng for m and a vowel for r in Han", "彭伯頓 拉謬", "Pemberton Lemieux"),
    ("the only name of both", "джентилини", "Gentilini"),
    ("the only name of both, without vowels", "نصرالله", "Nasrallah"),
    ("Han written in one", "毛泽东", "Mao Zedong"),
    ("Bengali", "মোহাম্মদ রহমান", "Mohammad Rahman"),
    ("Devanagari", "नरेन्द्र शर्मा", "Narendra Sharma"),
    ("Greek", "Ελένη Παπαδοπούλου", "Eleni Papadopoulou"),
    ("Georgian", "დავით კახიანი", "Davit Kakhiani"),
]  # fmt: skip

OTHER = [
    ("given name differs", "Ahmad Hassan", "Mahmoud Hassan"),
    ("family name differs", "Robert Smith", "Robert Jones"),
    ("Hamid is not Hamad", "Hamid Karimi", "Hamad Karimi"),
    ("particles in common", "Maria de la Cruz", "Maria de la Rosa"),
    ("one common word in common", "Ali Rezaei", "Ali Mohammadi"),
    ("short names alike", "Kim Min-su", "Kim Tae-ho"),
    ("consonants by chance", "علي رضا", "Wilar Dah"),
    ("no article in an Italian name", "Maria Alberti", "Maria Berti"),
    ("an initial alone", "J", "John"),
    ("the only name of both, and many have it", "Mohammad", "Mohammed"),
    ("the only name of both, and many have it, in Hangul", "김", "Kim"),
    ("the only name of both, in another language", "Jack", "John"),
    ("the only name of one", "Gentilini", "Mario Gentilini"),
    ("two names of God", "Ubaydullah Karimi", "Abdullah Karimi"),
]  # fmt: skip


def test_a_name_is_tied_to_one_group_of_names_in_all_its_spellings():
    tied = [word for line in TIES.split("\n") for word in line.split()]
    assert [word for word in tied if tied.count(word) > 1] == []
    ties: dict[int, set[int]] = {}
    for word in FAMILIES.split():
        ties.setdefault(family(word), set()).add(tie(word))
    assert [found for found in ties.values() if len(found) > 1] == []


@pytest.mark.parametrize(("met", "listed"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_one_name_however_written_is_found_without_a_date(met, listed):
    for one, two in ((met, listed), (listed, met)):
        match = decide(person(one), entry(person(two)))
        assert match is not None
        assert match.evidence[0].feature == "name"


@pytest.mark.parametrize(("met", "listed"), [case[1:] for case in OTHER], ids=[case[0] for case in OTHER])
def test_another_name_is_no_match_without_a_date(met, listed):
    assert decide(person(met), entry(person(listed))) is None
    assert decide(person(listed), entry(person(met))) is None


def test_that_one_word_alone_agrees_says_more_of_persons_than_of_organisations():
    def score(kind: SubjectKind) -> float:
        met, listed = (Subject(subject_id="1", kind=kind, names=(Name(full=full),)) for full in ("Ansar", "Anssar"))
        return compare_pair(met, listed).score

    assert score(SubjectKind.PERSON) == score(SubjectKind.ORGANISATION) + BOTH_ALONE / 100


@pytest.mark.parametrize(("met", "listed"), [case[1:] for case in SAME + OTHER])
def test_no_name_says_more_than_is_told_of_the_other_before_it_is_read(met, listed):
    for one, two in ((person(met), person(listed)), (person(listed), person(met))):
        made, said = prepare(one), said_of(one, two)
        assert said is None or most_of(made.words, made.block) >= said[SCORE]


RELATIVES = ("Yasir Sabawi Ibrahim Hasan al-Tikriti", "Ayman Sabawi Ibrahim Hasan al-Tikriti")


def test_relatives_who_share_most_of_a_long_name_are_told_apart_by_their_dates_of_birth():
    brother, other = (
        person(full, born=born) for full, born in zip(RELATIVES, ("1968-05-15", "1971-10-21"), strict=True)
    )
    assert decide(brother, entry(other)) is None
    assert decide(other, entry(brother)) is None
    assert decide(brother, entry(person(RELATIVES[1], born="1968-05-15"))) is not None


@pytest.mark.parametrize(
    ("met", "listed"),
    [
        (person("Arthur Adam", born="1972-11-07"), person("Adam", born="1972")),
        (person("Omar Ubaidah", born="1956-09-19"), person("Sheikh Ahmed Umar Abu Ubaidah", born="~1972")),
        (person("Saburah Saajid", born="1950-04-05"), person("Hafiz Mohammad Sayeed", born="1950-06-05")),
    ],
    ids=[
        "one of two names and a year",
        "years far from an approximate one",
        "a name by chance and a date nearly right",
    ],
)
def test_strangers_are_no_match(met, listed):
    assert decide(met, entry(listed)) is None
    assert decide(listed, entry(met)) is None


def test_a_name_cut_by_the_mrz_is_no_conflict():
    cut = Name(full="SEIFALLAH BEN OMAR BEN MOHAMED BEN HAS", truncated=True)
    whole = person("Seifallah ben Omar ben Mohamed ben Hassine", born=BORN)
    assert decide(person(cut, born=BORN), entry(whole)) is not None


def test_the_words_that_differ_are_named_in_the_explanation():
    match = decide(person("Mohamed Yousef Karimi"), entry(person("Mohammad Yusuf Karimi")))
    assert match.evidence[0].note == "mohamed for mohammad; yousef for yusuf"


PARTS = ("Ali", "Karimov", "Rahman", "José", "Müller", "Warsame", "Öztürk", "Nguyen", "Kowalski", "Haqqani")
LATIN = st.lists(st.sampled_from(PARTS), min_size=2, max_size=4, unique=True)


@settings(max_examples=80, deadline=None)
@given(LATIN, st.randoms(use_true_random=False))
def test_order_case_and_marks_never_lower_a_score(parts, random):
    from anyascii import anyascii

    full = " ".join(parts)
    whole = decide(person(full), entry(person(full))).score
    shuffled = list(parts)
    random.shuffle(shuffled)
    for other in (" ".join(shuffled), full.upper(), anyascii(full)):
        assert decide(person(other), entry(person(full))).score == whole


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Maria de la Rosa", "Maria de la Rocha"),
        ("Jan van Dijk", "Jan van Eijk"),
        ("Jan van den Berg", "Jan van den Burg"),
        ("João dos Santos", "Pedro dos Santos"),
        ("Maria de la Cruz", "Maria de la Cruz"),
        ("Dr Jan van Dijk", "Jan van Eijk, de"),
    ],
)
def test_particles_that_both_names_have_tell_nothing(one: str, two: str):
    plain = (" ".join(word for word in name.split() if not word.strip(",").islower()) for name in (one, two))
    assert compare_pair(person(one), person(two)).score == compare_pair(*map(person, plain)).score


def test_two_words_as_one_are_not_held_against_a_word_with_its_particle():
    assert decide(person("Joao Santos"), entry(person("Pedro dos Santos"))) is None


def test_the_reasons_are_those_of_the_reading_that_agrees():
    for one, two in (("Maria Delacruz", "De la Cruz, Maria"), ("Maria de la Cruz", "Delacruz Maria")):
        match = decide(person(one), entry(person("Zoe Abbas", two)))
        assert match is not None
        (name,) = [reason for reason in match.evidence if reason.feature == "name"]
        assert (name.left, name.right, name.verdict, name.note) == (one, two, Verdict.AGREES, None)


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("de la Cruz", None),
        ("Mr de la Cruz", None),
        ("De La Cruz Maria de", "delacruz maria"),
        ("Cruz, Maria de la", None),
        ("Maria de Ólafs", "maria deolafs"),
        ("Ana de 김", None),
        ("Ana van al Berg", None),
        ("de", None),
        ("Van Le", None),
    ],
)
def test_a_particle_is_read_as_one_with_the_latin_name_after_it_if_another_word_is_left(name: str, second: str | None):
    read = [" ".join(word.text for word in form.words) for form in forms(Name(full=name))]
    assert read[1:] == ([] if second is None else [second])
