"""How well a screening found what it had to find: alerts read back, held against a known truth."""

from consumers.screening.report import Report, Share, judge
from consumers.screening.truth import Expected, UnreadableTruth, read_incident_ids, read_truth

__all__ = ["Expected", "Report", "Share", "UnreadableTruth", "judge", "read_incident_ids", "read_truth"]
