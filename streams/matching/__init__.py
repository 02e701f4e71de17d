"""Matching: are the person or thing met and a watchlist entry the same? Pure, explained, the same for the same input.

Bands. EXACT: an identifier agrees with its type and issuer (document), or is unique by itself (17-character VIN, IMO
number with a right check digit). STRONG: evidence of 22 bits and more, as a full name and a date of birth give.
POSSIBLE: 10 bits and more, as a full name alone gives; or a number that agrees only after folding confusable
characters, or whose issuer or type is not known. A name alone never confirms: only a person turns a match into a hit.

Weights are bits of log-odds: log2 of how much oftener an observation is made of one person than of two strangers.
"""

from streams.matching import rarity
from streams.matching.decide import decide
from streams.matching.index import PersonIndex
from streams.matching.numbers import meaningless, reference_numbers

RARITY_VERSION = rarity.version()
"""Version of the frozen table of word rarity that scores are made with."""

__all__ = ["RARITY_VERSION", "PersonIndex", "decide", "meaningless", "reference_numbers"]
