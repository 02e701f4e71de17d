"""Errors of the runtime, sorted by what the caller must do."""


class TocsinError(Exception):
    """Root of every error that Tocsin raises on purpose: one readable sentence, shown as it is on a command line."""


class NotConfigured(TocsinError):
    """Something that the operator must provide is missing; the message says what and how. Stop."""


class Unavailable(TocsinError):
    """Broker, registry or database cannot be reached. Wait and try again; nothing is wrong with the data."""


class NotAllowed(TocsinError):
    """The broker knows us and refuses: a wrong secret, or a right that we do not have. Stop; waiting does not help."""
