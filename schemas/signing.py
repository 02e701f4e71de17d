"""The bytes that a producer signs: the topic, the key and the value of a message, each with its length before it.

Planned for version 1.1: nothing asks for a signature yet. The bytes are fixed now, with test vectors among the golden
messages, so that whoever writes a client today need not change what it signs.
"""

from __future__ import annotations

import struct

CONTEXT = b"tocsin message 1"
"""Begins what is signed, so that a signature made for anything else is none for a message."""


def signature_input(topic: str, key: bytes, value: bytes) -> bytes:
    """What is signed: CONTEXT, topic (UTF-8), key and value, before each its length in four bytes, highest first.

    `key` and `value` are those of the record as the broker gets it, the five bytes of the wire format included. So a
    message that is moved to another topic, or put under another key, has another signature.
    """
    parts = (CONTEXT, topic.encode(), key, value)
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)
