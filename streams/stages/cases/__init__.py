"""The stage that decides: entries, pairs, alerts, answers."""

from streams.stages.cases.deadlines import Deadlines
from streams.stages.cases.records import Totals
from streams.stages.cases.rules import CasesRules
from streams.stages.cases.stage import Cases

__all__ = ["Cases", "CasesRules", "Deadlines", "Totals"]
