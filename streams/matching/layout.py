"""What the numbers of a block say: a subject's dates and names, as the compiled loops see them.

A block: [kind and what is known beside (see `beside.py`), number of dates, number of name forms, the packed dates, then
for each form its flags, its number of words and the rows of its words]. Rows count within the words that go with the
block: the subject's own in a query, those of the index in the index.
"""

from __future__ import annotations

KIND, BIRTHS, FORMS, FIRST = range(4)
