"""What a bureau's officers see of its alerts on a terminal: folding and wording, without Kafka and without a clock."""

from consumers.watch.book import AlertBook, Change
from consumers.watch.card import alert_card
from consumers.watch.times import age

__all__ = ["AlertBook", "Change", "age", "alert_card"]
