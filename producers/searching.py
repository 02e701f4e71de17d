"""That there is a search for a person's data is audited before anything is searched: said, and heard of. Pure.

Nobody hears that something was recorded; what is refused comes back. So behind the search a receipt for a case that is
not there is published, under the same key: once `cases`, which records, has refused that, it has come past the search.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from producers.errors import ProducerError
from producers.repairs.collecting import Position
from schemas.alerts import Reject
from schemas.codes import RejectReason, ResponseKind
from schemas.events import Response
from schemas.topics import CASES


class NotRecorded(ProducerError):
    """The pipeline refused to record the search, so nothing was searched. Mend what is said, and search again."""

    def __init__(self, reject: Reject) -> None:
        super().__init__(
            f"nothing was searched: the stage {reject.stage} refused to record it as {reject.reason}"
            f" ({reject.place or 'whole event'}: {reject.detail})"
        )


def said_of_search(code: str, case_ref: str, event_ids: tuple[str, str], at: datetime) -> tuple[Response, Response]:
    """The search, named by the first of `event_ids`, and what is refused after it was recorded."""
    (search, asks) = (
        Response(event_id=event_id, producer=code, occurred_at=at, recorded_at=at, case_ref=case_ref, kind=kind)
        for event_id, kind in zip(event_ids, (ResponseKind.SUBJECT_SEARCH, ResponseKind.RECEIPT), strict=True)
    )
    return search, asks


class Recording:
    """Whether a search is recorded, from where it and what was said behind it stand."""

    def __init__(self, search: Position, asks: Position) -> None:
        self._search, self._asks = search, asks

    def is_told(self, refused: Mapping[Position, Reject]) -> bool:
        """Is it recorded? Raises NotRecorded when either was refused before it came to the stage that records."""
        if self._search in refused:
            raise NotRecorded(refused[self._search])
        if (last := refused.get(self._asks)) is None:
            return False
        if last.stage != CASES or last.reason is not RejectReason.UNKNOWN_CASE:
            raise NotRecorded(last)
        return True
