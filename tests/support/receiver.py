"""A system of a test's own that is told of steps: it takes calls on 127.0.0.1, or refuses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.serving import served


@dataclass
class Receiver:
    """What came in, as headers and body; ``status`` is what is answered."""

    port: int = 0
    status: int = 204
    calls: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)


class _Call(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.calls.append((dict(self.headers), body))
        self.send_response(receiver.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver


@contextmanager
def web_receiver() -> Iterator[Receiver]:
    """Run a receiver until the test is over."""
    server = _Server(("127.0.0.1", 0), _Call)
    server.receiver = Receiver(server.server_address[1])
    with served(server):
        yield server.receiver
