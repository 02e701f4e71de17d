"""What was refused, into a file that can be repaired; and what was repaired, back into the topics, once.

`collecting` makes the file from the rejects and the bytes in the participant's own topics, `refused_event` is a line
of it, `replaying` decides (pure) what of a repaired file is still to be said, `own_topics` reads what that needs.
"""

from producers.repairs.errors import UnusableExport
from producers.repairs.refused_event import RefusedEvent, read_refused, written

__all__ = ["RefusedEvent", "UnusableExport", "read_refused", "written"]
