"""Matching: are the person or thing met and a watchlist entry the same? Pure, explained, the same for the same input.

**Weights** are bits of log-odds: log2 of how much oftener an observation is made of one person (or thing) than of two
strangers. A score is their sum. Where they come from:

- a word of a name: how rare it is (`rarity.txt`, frozen; its version is stated in every match), less what it takes to
  read one spelling for the other. Within a script the changes are weighted by hand (`costs.py`); across scripts they
  are probabilities learnt from pairs of names (`transliteration.txt`, made by `transliteration_build.py`), and two
  spellings say no more than these make of them. Beyond 20 bits only one of eight counts: relatives share names. Words
  left over on both sides are a conflict of 8 bits a whole word, on one side alone they cost 1.3, and 4 more where the
  other side bears that one word only. Where both bear one word alone and it agrees, that says 4 bits more: few do;
- date of birth: `dates.py`, each grade with its rate; sex, nationality, place of birth: `persons.py`;
- numbers: `identifiers.py`.

**Bands.** EXACT: an identifier agrees with its type and issuer (document, plate, MMSI with its flag), with all that
makes it one (firearm: serial, make, model, calibre; artwork: reference, and title or artist) or is unique by itself
(17-character VIN, IMO number with a right check digit). STRONG: 22 bits, as a full name and its date of birth give, or
an identifier of which one of these is not known. POSSIBLE: 10 bits, as a full name alone gives (two common words that
agree are worth 5 bits each at least, so that every full name is worth a look); or a number that agrees only after
folding confusable characters, or whose issuer is not known, or whose type differs. A name alone is never EXACT: only a
person turns a match into a hit.

**Calibration.** The two thresholds are set so that of the 340 altered queries on the UN list all are found (324
STRONG), and of 5,000 travellers who are not on it about six are POSSIBLE and none is STRONG; `docs/matching.md` has
the figures of every script on rows that nothing was fitted on.

**Who is compared.** Subjects with words that agree (`relation.py`), if name and date of birth say 5 bits together, the
name 4 of them unless the dates agree to the day (`comparing.py`). `decide` asks the same question of the pair alone, so
it says the same whichever side came first.
"""

from streams.matching import rarity
from streams.matching.decide import Comparison, compare_pair, decide, probability
from streams.matching.index import IndexStats, PersonIndex
from streams.matching.numbers import meaningless, reference_numbers
from streams.matching.persons import MISUSED_FEATURE, SHARED_BY_MANY

RARITY_VERSION = rarity.version()
"""Version of the frozen table of word rarity that scores are made with."""

__all__ = [
    "MISUSED_FEATURE",
    "RARITY_VERSION",
    "SHARED_BY_MANY",
    "Comparison",
    "IndexStats",
    "PersonIndex",
    "compare_pair",
    "decide",
    "meaningless",
    "probability",
    "reference_numbers",
]
