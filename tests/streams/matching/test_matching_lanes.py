"""What is told of many words at once never refuses a word that is linked."""

import random

import numpy as np
import pytest
from faker import Faker
from matching_cases import person

from streams.matching import PersonIndex, costs
from streams.matching.across import least_costs_across
from streams.matching.blocks import prepare
from streams.matching.comparing import LINK
from streams.matching.distance import FAR
from streams.matching.lanes import COST, least_costs
from streams.matching.likeness import cost_between, one_skeleton, worth
from streams.matching.lists import NUMBER
from streams.matching.looking import look
from streams.matching.room import Room, room_for_words
from streams.matching.scripts import Script
from streams.matching.sounding import packed_of
from streams.matching.stepped import MOST_STEPS, STEP, STEP_ACROSS
from streams.matching.units import FIRST_WORD, SECOND_WORD, UNIT_BONES, UNIT_COLUMNS
from streams.matching.vectors import LANES
from streams.matching.words import BONES, LONGEST, PACKED, SCRIPT, VARIANTS

SCALES = PersonIndex()._scales

SOUNDS = [costs.CODE[letter] for letter in "aeiounkstghdzSxfbpmrwy"]
"""Many of which spell another where two are together."""


def _word(chance: random.Random, most: int) -> np.ndarray:
    made = np.zeros(LONGEST + 2, np.int32)
    length = chance.randint(2, most)
    made[:length] = chance.choices(SOUNDS, k=length)
    return made[:length]


def _altered(word: np.ndarray, chance: random.Random, most: int) -> np.ndarray:
    sounds = list(word)
    for _ in range(chance.randint(0, 3)):
        at = chance.randrange(len(sounds))
        sounds[at : at + chance.randint(0, 2)] = chance.choices(SOUNDS, k=chance.randint(0, 2))
        sounds = sounds or [SOUNDS[0]]
    return np.array(sounds[:most], np.int32)


def _cost(own: np.ndarray, script: int, other: np.ndarray, other_script: int, room: Room) -> int:
    pair = (own.copy(), len(own), script, other.copy(), len(other), other_script)
    return cost_between(*pair, costs.tables(), costs.pairs(), FAR - 1, room.tables[0])


def _told(room: Room, count: int) -> list[int]:
    """In steps."""
    return room.grid[COST * LANES : COST * LANES + count].tolist()


@pytest.mark.parametrize(("most", "told_exactly"), [(PACKED, 1.0), (LONGEST, 0.2)])
def test_costs_of_many_words_at_once_are_those_of_each_and_never_more(most: int, told_exactly: float) -> None:
    chance, room, equal, all_told = random.Random(5), room_for_words(2), 0, 0
    packed = np.zeros(LANES, np.int64)
    for _ in range(60):
        own = _word(chance, 14)
        others = [_altered(own, chance, most) for _ in range(chance.randint(1, LANES))]
        for lane, other in enumerate(others):
            packed[lane] = packed_of(other, len(other), False)
        least_costs(own, len(own), packed, 0, SCALES.stepped, SCALES.spelt[0], room.grid)
        told = [steps * STEP for steps in _told(room, len(others))]
        for other, least in zip(others, told, strict=True):
            cost = _cost(own, 0, other, 0, room)
            assert least <= cost
            equal, all_told = equal + (least == min(cost, STEP * MOST_STEPS)), all_told + 1
    assert equal >= told_exactly * all_told


@pytest.mark.parametrize("most", [PACKED, LONGEST])
@pytest.mark.parametrize("script", [Script.LATIN, Script.CYRILLIC, Script.ARABIC, Script.HAN, Script.OTHER])
def test_costs_across_scripts_are_never_told_too_high_and_mostly_near(script: Script, most: int) -> None:
    chance, room, near, all_told = random.Random(7), room_for_words(2), 0, 0
    packed = np.zeros(LANES, np.int64)
    for _ in range(60):
        own = _word(chance, 14)
        written = chance.choice([other for other in Script if other is not script])
        others = [_altered(own, chance, most) for _ in range(chance.randint(1, LANES))]
        for lane, other in enumerate(others):
            packed[lane] = packed_of(other, len(other), False)
        least_costs_across(own, len(own), int(script), packed, 0, int(written), SCALES.stepped, room.grid)
        told = [steps * STEP_ACROSS for steps in _told(room, len(others))]
        for other, least in zip(others, told, strict=True):
            cost = _cost(own, int(script), other, int(written), room)
            assert least <= cost, (own, script, other, written)
            near, all_told = near + (least >= min(cost, STEP_ACROSS * MOST_STEPS) - 300), all_told + 1
    assert near > (0.5 if most == PACKED else 0.1) * all_told


def test_looking_for_a_word_finds_every_word_of_the_index_that_is_linked_with_it() -> None:
    faker = Faker(["en_IN", "ar_SA", "fa_IR", "he_IL", "ru_RU", "el_GR", "ko_KR", "zh_CN", "bn_BD", "hi_IN", "vi_VN"])
    faker.seed_instance(3)
    index = PersonIndex()
    for number in range(260):
        index.put(str(number), person(faker.name()))
    for number in range(0, 260, 5):
        index.remove(str(number))
    store, rows = index._store, index._room.tables[0]
    held = [number for number in range(len(index._store.uses)) if index._store.uses[number]]
    links, state, found_across = np.zeros(4096, np.int64), index._state, 0
    for asked in range(60):
        words = prepare(person(faker.name())).words
        units = np.zeros((len(words), UNIT_COLUMNS), np.int64)
        for word in range(len(words)):
            units[word, FIRST_WORD], units[word, SECOND_WORD] = word, -1
            units[word, UNIT_BONES : UNIT_BONES + VARIANTS] = words[word, BONES : BONES + VARIANTS]
            stamp = 1000 + 100 * asked + word
            count = look(store, words, units[word], stamp, SCALES, index._room, state, links)
            wanted = {
                other: value
                for other in held
                if one_skeleton(words, word, store.words, other)
                and (value := worth(words, word, store.words, other, SCALES.costs, SCALES.spelt, 0, LINK, rows)[0])
                >= LINK
            }
            assert {link & NUMBER: link >> 32 for link in links[:count].tolist()} == wanted
            found_across += sum(store.words[other, SCRIPT] != words[word, SCRIPT] for other in wanted)
    assert found_across > 20
