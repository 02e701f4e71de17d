"""Prometheus beside a stack, where its program is installed (Debian's package `prometheus` has it)."""

from __future__ import annotations

import shutil
from pathlib import Path

from deploy.stack import scraping
from deploy.stack.processes import Process

NAME = "prometheus"


def program() -> str | None:
    """Where the program is; None when it is not installed."""
    return shutil.which(NAME)


def command(program: str, state: Path, port: int) -> tuple[str, ...]:
    """What runs it on loopback for the stack in `state`, its data in there too."""
    return (
        program,
        f"--config.file={scraping.configuration(state)}",
        f"--storage.tsdb.path={scraping.folder(state) / 'data'}",
        "--storage.tsdb.retention.time=2d",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.format=json",
    )


def process(program: str, state: Path, port: int) -> Process:
    """It as a process of the stack."""
    return Process(name=NAME, command=command(program, state, port), port=port, health=f"{address(port)}/-/ready")


def address(port: int) -> str:
    """Its pages."""
    return f"http://127.0.0.1:{port}"
