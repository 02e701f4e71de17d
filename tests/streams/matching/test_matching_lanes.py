"""What is told of many words at once never refuses a word that is linked."""

import random

import numpy as np

from streams.matching import costs
from streams.matching.distance import FAR
from streams.matching.lanes import LANE_COST, LANE_SOUNDS, least_costs
from streams.matching.likeness import cost_between
from streams.matching.room import LANES, room_for_words
from streams.matching.sounding import packed_of
from streams.matching.words import LONGEST, PACKED

SOUNDS = [costs.CODE[letter] for letter in "aeiounkstghdzSxfbpmrwy"]
"""Many of which spell another where two are together."""


def _word(chance: random.Random, most: int) -> np.ndarray:
    made = np.zeros(LONGEST + 2, np.int32)
    length = chance.randint(2, most)
    made[:length] = chance.choices(SOUNDS, k=length)
    return made[:length]


def _altered(word: np.ndarray, chance: random.Random) -> np.ndarray:
    sounds = list(word)
    for _ in range(chance.randint(0, 3)):
        at = chance.randrange(len(sounds))
        sounds[at : at + chance.randint(0, 2)] = chance.choices(SOUNDS, k=chance.randint(0, 2))
        sounds = sounds or [SOUNDS[0]]
    return np.array(sounds[:PACKED], np.int32)


def test_costs_of_many_words_at_once_are_those_of_each_and_never_more():
    chance, room, equal, all_told = random.Random(5), room_for_words(2), 0, 0
    for _ in range(60):
        own = _word(chance, 14)
        others = [_altered(own, chance) for _ in range(chance.randint(1, LANES))]
        for lane, other in enumerate(others):
            room.lane_words[LANE_SOUNDS, lane] = packed_of(other, len(other), 0, False)
        least_costs(own, len(own), len(others), costs.alike(), costs.pairs()[0], room)
        for lane, other in enumerate(others):
            pair = (own.copy(), len(own), 0, other.copy(), len(other), 0)
            cost = cost_between(*pair, costs.tables(), costs.pairs(), FAR - 1, room.tables[0])
            assert room.lane_words[LANE_COST, lane] <= cost
            equal, all_told = equal + (room.lane_words[LANE_COST, lane] == cost), all_told + 1
    assert equal > 0.9 * all_told
