"""The small HTTP server of every process: /metrics for Prometheus, /healthz for whoever asks whether it is ready."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest

Ready = Callable[[], str | None]
"""None when the process is ready, else in a few words why it is not. Called from the server's threads."""


class HealthServer:
    """A running server; `port` is the one it got."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self._server = server
        self.port: int = server.server_port
        self._thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve(host: str, port: int, ready: Ready) -> HealthServer:
    """Serve in a daemon thread on `host` (loopback unless the operator says otherwise) and `port` (0: any free one).

    /healthz answers 200 "ready", or 503 with the reason. Raises OSError when the port is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest(REGISTRY))
            elif path == "/healthz":
                reason = ready()
                text = "ready\n" if reason is None else f"not ready: {reason}\n"
                self._answer(200 if reason is None else 503, "text/plain; charset=utf-8", text.encode())
            else:
                self._answer(404, "text/plain; charset=utf-8", b"/metrics or /healthz\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: a probe every few seconds is no news."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    return HealthServer(server)
