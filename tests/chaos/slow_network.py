"""A network between clients and broker that can be made slow: every connection goes through a relay.

    python -m tests.chaos.slow_network --port 9000 --to 9092 --file how-slow

`how-slow` holds the seconds that what is sent takes longer, each way, and the bytes a second that each connection
carries each way; where the file is not there, nothing is held up.
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deploy.stack.ports import assign
from deploy.stack.processes import BROKER
from deploy.stack.running import Stack

DELAY, BYTES_A_SECOND = 0.15, 400_000
"""A bad line: .3 s there and back, and 3 Mbit a second."""
_CHUNK, _UNDER_WAY = 16_384, 256
"""Bytes that are passed on at once, and how many such pieces may be under way."""
_LOOKS_EVERY = 0.2


class Slowness:
    """How slow the network is at the moment."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.delay, self.rate = 0.0, 0.0

    async def follow(self) -> None:
        """Look at the file again and again."""
        while True:
            try:
                self.delay, self.rate = (float(word) for word in self._file.read_text().split())
            except FileNotFoundError:
                self.delay = self.rate = 0.0
            await asyncio.sleep(_LOOKS_EVERY)


async def relay(port: int, to: int, slowness: Slowness) -> None:
    """Pass on every connection to `port`, and take its time."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            their_reader, their_writer = await asyncio.open_connection("127.0.0.1", to)
        except OSError:  # the broker is away: whoever came finds that out
            writer.close()
            return
        await asyncio.gather(_pass(reader, their_writer, slowness), _pass(their_reader, writer, slowness))

    async with await asyncio.start_server(serve, "127.0.0.1", port) as server:
        await asyncio.gather(server.serve_forever(), slowness.follow())


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, slowness: Slowness) -> None:
    clock = asyncio.get_running_loop().time
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_UNDER_WAY)

    async def read() -> None:
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                await under_way.put((clock() + slowness.delay, data))
        await under_way.put((0.0, b""))

    async def write() -> None:
        with suppress(OSError):
            while True:
                due, data = await under_way.get()
                if not data:
                    break
                if (early := due - clock()) > 0:
                    await asyncio.sleep(early)
                writer.write(data)
                await writer.drain()
                if slowness.rate:
                    await asyncio.sleep(len(data) / slowness.rate)
        writer.close()

    reading = asyncio.create_task(read())
    await write()
    reading.cancel()


@contextmanager
def relayed(stack: Stack) -> Iterator[None]:
    """Every client is told to come to a relay before the broker, which is started again for that."""
    (port,), to = assign(["relay"], {}).values(), stack.ports[BROKER]
    properties = stack.state / BROKER / "server.properties"
    told = properties.read_text()
    advertised = f"advertised.listeners=CLIENT://127.0.0.1:{to}\n"
    assert advertised in told
    properties.write_text(told.replace(advertised, f"advertised.listeners=CLIENT://127.0.0.1:{port}\n"))
    command = [sys.executable, "-m", "tests.chaos.slow_network", "--port", str(port), "--to", str(to)]
    with subprocess.Popen([*command, "--file", str(how_slow(stack))]) as passing:
        try:
            stack.stop(BROKER)
            stack.supervisor.start(BROKER)
            stack.wait_ready(BROKER)
            yield
        finally:
            passing.terminate()


def how_slow(stack: Stack) -> Path:
    """The file that says it."""
    return stack.state / "how-slow"


def main() -> None:
    """Run a relay until it is terminated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--to", type=int, required=True)
    parser.add_argument("--file", type=Path, required=True)
    asked = parser.parse_args()
    asyncio.run(relay(asked.port, asked.to, Slowness(asked.file)))


if __name__ == "__main__":
    main()
