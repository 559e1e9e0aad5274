"""A mail server of a test's own: it takes mails on 127.0.0.1, or refuses them."""

from __future__ import annotations

import email
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default

from tests.support.serving import served


@dataclass
class Mailbox:
    """What came in; with ``refuses`` set, every recipient is refused."""

    port: int = 0
    refuses: bool = False
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)


class _Talk(socketserver.StreamRequestHandler):
    """The few words of SMTP (RFC 5321) that a client needs."""

    def handle(self) -> None:
        box: Mailbox = self.server.box  # type: ignore[attr-defined]
        self._say("220 test")
        while line := self.rfile.readline().decode().strip():
            word = line.upper()
            if word.startswith("EHLO"):
                self._say("250 8BITMIME")
            elif word.startswith("RCPT"):
                self._say("550 nobody here" if box.refuses else "250 ok")
                box.recipients.append(line[9:].strip("<>"))
            elif word.startswith("DATA"):
                self._say("354 go on")
                box.mails.append(self._message())
                self._say("250 ok")
            elif word.startswith("QUIT"):
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _message(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message = email.message_from_bytes(b"".join(lines), policy=default)
        assert isinstance(message, EmailMessage)
        return message

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    box: Mailbox


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Run a server until the test is over."""
    server = _Server(("127.0.0.1", 0), _Talk)
    server.box = Mailbox(server.server_address[1])
    with served(server):
        yield server.box
