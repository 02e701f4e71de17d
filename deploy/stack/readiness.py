"""Whether a process of the stack is ready: asked as its users would ask it."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.stack.processes import Process
from tocsin.runtime.settings import Settings, connect


def is_ready(process: Process, state: Path) -> bool:
    """Health address answers 200; a process without one is the broker, and must answer `admin` about its cluster."""
    if process.health is not None:
        return answers(process.health)
    if not listens(process.port):
        return False  # a Kafka client is dear to make ten times a second while nobody is there yet
    settings = Settings(state=state, bootstrap=f"127.0.0.1:{process.port}", registry="none")
    return broker_answers(settings)


def listens(port: int) -> bool:
    """Whether somebody accepts connections on that port of loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def answers(address: str) -> bool:
    """Whether a GET there gives 200 within two seconds."""
    try:
        # No proxy between us and loopback, and no certificates to load for plain HTTP.
        return httpx.get(address, timeout=2, trust_env=False, verify=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def broker_answers(settings: Settings) -> bool:
    """Whether the broker lets `admin` in and its controller is elected."""
    asking = connect("admin", settings).as_librdkafka(socket_timeout_ms=2000, reconnect_backoff_max_ms=200)
    client = AdminClient(asking | {"log_level": 0})  # a broker that is not there yet is no news here
    try:
        cluster = client.describe_cluster(request_timeout=2).result()
    except KafkaException:
        return False
    return cluster.controller is not None
