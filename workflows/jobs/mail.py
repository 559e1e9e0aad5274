"""Sending a mail through the site's own server.

Within the installation's own network or not at all: where no server is set, nothing is
sent. Never called inside a transaction.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

SECURITIES = ("starttls", "tls", "none")
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class MailRoute:
    """The server that mails go through.

    ``recipients`` get the day's checkpoint. ``security`` is one of ``SECURITIES``; without
    ``user`` nobody logs in. ``domains`` are those that officers' addresses may have; without
    any it is the sender's own.
    """

    host: str
    sender: str
    recipients: tuple[str, ...] = ()
    port: int = 25
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    domains: tuple[str, ...] = ()

    @property
    def own_domain(self) -> str:
        """Give the domain of the sender."""
        return self.sender.rpartition("@")[2].lower()

    def reaches(self, address: str) -> bool:
        """Say whether mail for officers may go to an address."""
        domain = address.rpartition("@")[2].lower()
        return domain in (self.domains or (self.own_domain,))


def new_mail(route: MailRoute, to: str, subject: str, now: datetime) -> EmailMessage:
    """Begin a mail of the house's; its content is still to be set."""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = route.sender
    message["To"] = to
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=route.own_domain)
    return message


def send_mail(route: MailRoute, message: EmailMessage) -> None:
    """Hand a mail to the server.

    Raises:
        OSError: The server cannot be reached, or breaks off.
        SMTPException: It refuses the mail, or a recipient.
    """
    with _connected(route) as server:
        if route.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if route.user:
            server.login(route.user, route.password)
        refused = server.send_message(message)
    if refused:
        raise smtplib.SMTPRecipientsRefused(refused)


def _connected(route: MailRoute) -> smtplib.SMTP:
    if route.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(route.host, route.port, timeout=_SECONDS, context=context)
    return smtplib.SMTP(route.host, route.port, timeout=_SECONDS)
