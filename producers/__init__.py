"""What bureaus publish with: a producer of their own, importers of their files, and simulated traffic."""

from producers.country import CountryProducer
from producers.errors import ProducerError, Unencodable, UnknownColumn, UnknownFormat, UnreadableFile, WrongProducer
from tocsin.runtime.producing import Refusal, Undelivered

__all__ = [
    "CountryProducer",
    "ProducerError",
    "Refusal",
    "Undelivered",
    "Unencodable",
    "UnknownColumn",
    "UnknownFormat",
    "UnreadableFile",
    "WrongProducer",
]
