"""A gate worker as a process of its own: forwards each record by its key, twice, and rejects what is not a number."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Sequence

from pydantic import BaseModel, SecretStr

from streams.stages.contract import Send
from streams.tasks.append_times import AppendTimes
from streams.tasks.gate_agent import GateWork, run_gate
from streams.tasks.log import Record
from tocsin.runtime.settings import Connection


class Passed(BaseModel):
    number: int
    offset: int


def main() -> None:
    given = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")

    def process(record: Record) -> Sequence[Send]:
        key = (record.key or b"").decode()
        try:
            passed = Passed(number=int(record.value or b""), offset=record.offset)
        except ValueError:
            return [Send(given["rejects"], key, Passed(number=-1, offset=record.offset))]
        return [Send(given["output"], key, passed, headers=(("source", str(record.place)),))] * 2

    work = GateWork(
        app_id=given["app"],
        topics=given["inputs"],
        process=process,
        encode=lambda message: message.model_dump_json().encode(),
        partitions=given["partitions"],
        append_times=AppendTimes(lambda: round(time.time() * 1000)),
    )
    connection = Connection(
        bootstrap=given["bootstrap"],
        registry="",
        user=given["user"],
        password=SecretStr(given["password"]),
        security_protocol="SASL_PLAINTEXT",
    )
    run_gate(work, connection=connection, worker_id=given["worker"], port=given["port"], session_timeout=6.0)


if __name__ == "__main__":
    main()
