"""A worker of the counting stage as a process of its own: arguments as JSON on the command line."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

from pydantic import SecretStr

from streams.tasks import kafka_log
from streams.tasks.worker import Work, run_worker
from tests.streams.tasks.counting_stage import CODECS, Counting, Tick
from tests.streams.tasks.plain_writer import PlainWriter
from tocsin.runtime.settings import Connection


def main() -> None:
    given = json.loads(sys.argv[1])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("faust", "aiokafka", "mode"):
        logging.getLogger(noisy).setLevel(given.get("noise", "WARNING"))
    connection = Connection(
        bootstrap=given["bootstrap"],
        registry="http://127.0.0.1:1",
        user=given["user"],
        password=SecretStr(given["password"]),
        security_protocol="SASL_PLAINTEXT",
    )
    if not given.get("transactions", True):
        vars(kafka_log)["KafkaWriter"] = PlainWriter
    source, output = given["input"], given["output"]
    work = Work(
        app_id=given["app"],
        stages={source: lambda partition: Counting(partition, output)},
        partitions=given["partitions"],
        changelogs={source: given["changelog"]},
        codecs=CODECS,
        tick=(lambda now: Tick(tick=now)) if given.get("ticks", True) else None,
    )
    run_worker(
        work,
        connection=connection,
        state=Path(given["state"]),
        worker_id=given["worker"],
        port=given.get("port", 0),
        session_timeout=given.get("session", 10.0),
    )


if __name__ == "__main__":
    main()
