"""Whether what a participant published to its topics is right, message by message, by the gate's own checks."""

from streams.conformance.judging import Finding, Judge, Published, Verdict

__all__ = ["Finding", "Judge", "Published", "Verdict"]
