"""Screening without a stream: a list held against travellers by the pipeline's own checks, index and decision."""

from streams.screening.explanation import explained
from streams.screening.screened_list import Hit, ScreenedList

__all__ = ["Hit", "ScreenedList", "explained"]
