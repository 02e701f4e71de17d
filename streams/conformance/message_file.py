"""Messages in a file, to be judged without a broker: our own JSON, golden messages, and what `kcat -J` prints.

One JSON object, a list of them, or one a line. Members:

    topic                   as on the broker
    key                     text; or key_hex, key_base64
    value_hex               the value as on the wire; or value_base64
    headers                 {"name": "text", ...}, or [["name", "text"], ...]
    timestamp               when the broker appended it, milliseconds; left out: whoever judges says when
    partition, offset       may be left out

`kcat -J` has `payload` and `key` as text with the raw bytes in it, `ts`, and `headers` as one list of names and values.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from schemas.model import LAST
from schemas.partition import partition_of
from schemas.signing import Headers
from streams.conformance.judging import Published

KINDS = ("incidents", "watchlist", "responses")
"""Topics that participants write to."""
_DECODERS: dict[str, Callable[[str], bytes]] = {
    "hex": bytes.fromhex,
    "base64": lambda text: base64.b64decode(text, validate=True),
}


class UnreadableMessage(ValueError):
    """What stands in a file is no message in one of these forms; holds what is missing, never what was there."""


def messages_in(data: bytes, timestamp: int, partitions: Callable[[str], int]) -> Iterator[Published]:
    """The messages in the bytes of a file. `timestamp`: of those that do not say when they were appended.

    `partitions`: how many topics of a participant have; raises KeyError for a code that is nobody's. Raises
    UnreadableMessage.
    """
    # What kcat prints holds the raw bytes of the value, which are no UTF-8: each comes back as it was.
    text = data.decode("utf-8", "surrogateescape")
    count = 0
    for count, value in enumerate(_objects(text), 1):
        yield _message(value, f"message {count}", timestamp, partitions)
    if not count:
        raise UnreadableMessage("there is no message in it")


def _objects(text: str) -> Iterator[Any]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = None
    if whole is not None:
        yield from whole if isinstance(whole, list) else (whole,)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                raise UnreadableMessage(f"line {number} is no JSON") from error


def _message(value: Any, where: str, timestamp: int, partitions: Callable[[str], int]) -> Published:
    if not isinstance(value, dict):
        raise UnreadableMessage(f"{where} is no JSON object")
    topic = value.get("topic")
    try:
        if not isinstance(topic, str) or (kind_and_code := topic.partition("."))[0] not in KINDS:
            raise KeyError
        count = partitions(kind_and_code[2])
    except KeyError:
        raise UnreadableMessage(
            f"{where}: topic is none that a participant writes to ({', '.join(KINDS)}, with .cc of a participant)"
        ) from None
    of_kcat = "payload" in value
    key = _raw_text(value.get("key"), where, "key") if of_kcat else _key(value, where)
    body = _raw_text(value["payload"], where, "payload") if of_kcat else _bytes(value, "value", where)
    partition = _whole(value, "partition", where)
    appended = _whole(value, when := "ts" if of_kcat else "timestamp", where)
    if appended is not None and appended > LAST:
        raise UnreadableMessage(f"{where}: {when} lies after the year 9999; it counts milliseconds")
    return Published(
        topic,
        partition if partition is not None else 0 if key is None else partition_of(key, count),
        _whole(value, "offset", where) or 0,
        timestamp if appended is None else appended,
        key,
        body,
        tuple(_headers(value.get("headers"), where)),
    )


def _key(value: Mapping[str, Any], where: str) -> bytes | None:
    if "key_hex" in value or "key_base64" in value:
        return _bytes(value, "key", where)
    return _raw_text(value.get("key"), where, "key")


def _bytes(value: Mapping[str, Any], name: str, where: str) -> bytes | None:
    """What stands under name_hex or name_base64; None where that is null."""
    for form, decode in _DECODERS.items():
        if (member := f"{name}_{form}") in value:
            text = value[member]
            if text is None:
                return None
            try:
                return decode(text)
            except (TypeError, ValueError, binascii.Error) as error:
                raise UnreadableMessage(f"{where}: {member} is not {form}") from error
    raise UnreadableMessage(f"{where}: {name}_hex or {name}_base64 is missing")


def _raw_text(text: Any, where: str, name: str) -> bytes | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise UnreadableMessage(f"{where}: {name} is no text")
    return text.encode("utf-8", "surrogateescape" if _only_escapes(text) else "surrogatepass")


def _only_escapes(text: str) -> bool:
    """Whether lone surrogates in it are bytes that were no UTF-8, and not what a JSON escape made."""
    return all("\udc80" <= sign <= "\udcff" for sign in text if "\ud800" <= sign <= "\udfff")


def _whole(value: Mapping[str, Any], name: str, where: str) -> int | None:
    number = value.get(name)
    if number is None:
        return None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**53:
        raise UnreadableMessage(f"{where}: {name} is no whole number")
    return number


def _headers(headers: Any, where: str) -> Headers:
    if headers is None:
        return ()
    if isinstance(headers, dict):
        pairs = list(headers.items())
    elif isinstance(headers, list) and all(isinstance(one, list) and len(one) == 2 for one in headers):
        pairs = [(name, text) for name, text in headers]
    elif isinstance(headers, list) and len(headers) % 2 == 0:
        pairs = list(zip(headers[::2], headers[1::2], strict=True))
    else:
        raise UnreadableMessage(f"{where}: headers are neither an object nor pairs")
    if not all(isinstance(name, str) for name, _ in pairs):
        raise UnreadableMessage(f"{where}: the name of a header is no text")
    return [(name, _raw_text(text, where, f"headers.{name}")) for name, text in pairs]
