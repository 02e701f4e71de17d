"""What a duty officer does with a bureau's alerts: look at the open cases, at one of them, and answer. Pure.

Without Kafka and without a clock: whoever uses it (the command line, the console) brings the alerts and the time.
"""

from consumers.duty.encounters import Encounter, grouped
from consumers.duty.listing import encounter_lines, open_encounters

__all__ = ["Encounter", "encounter_lines", "grouped", "open_encounters"]
