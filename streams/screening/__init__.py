"""Screening without a stream: a list held against travellers by the pipeline's own checks, index and decision."""

from streams.screening.explanation import explained

__all__ = ["explained"]
