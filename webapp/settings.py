"""Settings of an installation, read once from the environment."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import ClassVar, TypeVar

from workflows.audit.sm3 import has_sm3
from workflows.domain.errors import DubanError
from workflows.domain.web_addresses import Network
from workflows.jobs.mail import SECURITIES, MailRoute
from workflows.services.log.notary import Notary

_SECRET_BYTES = 48
_ADDRESS = re.compile(r"[^\s@,<>]+@[^\s@,<>]+")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_NOWHERE: tuple[Network, ...] = ()
_Value = TypeVar("_Value")


class SettingsInvalid(DubanError):
    """These settings cannot be used: {reasons}"""

    code: ClassVar[str] = "settings_invalid"


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs between installations.

    Attributes:
        database_url: DUBAN_DATABASE_URL, default ``instance/duban.sqlite3`` below ``instance``.
        owner_database_url: DUBAN_OWNER_DATABASE_URL, on PostgreSQL the same database for the
            role that owns the tables. Only `duban init` and the first start after an upgrade
            use it. No default.
        instance: DUBAN_INSTANCE, the folder of what belongs to this site: database, keys,
            exports. Default ``instance`` in the working folder.
        https: DUBAN_HTTPS, whether people reach the pages through HTTPS: cookies are then
            sent over nothing else. ``0`` or ``1``, default ``0``.
        proxies: DUBAN_PROXIES, how many reverse proxies stand before the server; their
            forwarded addresses are believed. Default 0.
        session_minutes: DUBAN_SESSION_MINUTES, after how much idle time a login ends. Default 120.
        upload_megabytes: DUBAN_UPLOAD_MEGABYTES, the largest request that is read. Default 20.
        with_sm3: DUBAN_SM3, whether a second tree with SM3 is kept beside that of SHA-256,
            with checkpoint files of its own. ``0`` or ``1``, default ``0``.
        mail: How mails leave; none do without DUBAN_SMTP_HOST and DUBAN_SMTP_FROM. Further
            DUBAN_SMTP_PORT (25), DUBAN_SMTP_SECURITY (``starttls``, ``tls`` or ``none``),
            DUBAN_SMTP_USER and DUBAN_SMTP_PASSWORD. DUBAN_CHECKPOINT_MAIL are those who get the
            day's checkpoint, DUBAN_MAIL_DOMAINS the domains that officers' digests may go to.
        networks: DUBAN_WEBHOOK_NETWORKS, private networks that webhooks may call, with commas
            between them. None by default.
        address: DUBAN_ADDRESS, where people reach the pages, for links in mails. No default.
    """

    database_url: str
    instance: Path
    https: bool = False
    proxies: int = 0
    session_minutes: int = 120
    upload_megabytes: int = 20
    with_sm3: bool = False
    mail: MailRoute | None = None
    address: str = ""
    networks: tuple[Network, ...] = ()
    owner_database_url: str | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; all that are wrong are reported together.

        Raises:
            SettingsInvalid: One or more values cannot be used.
        """
        reader = _Reader(os.environ if environ is None else environ)
        instance = reader.read("DUBAN_INSTANCE", Path.cwd() / "instance", _folder)
        settings = cls(
            database_url=reader.read("DUBAN_DATABASE_URL", default_database_url(instance), _url),
            instance=instance,
            https=reader.read("DUBAN_HTTPS", False, _switch),
            proxies=reader.read("DUBAN_PROXIES", 0, _number(0, 5)),
            session_minutes=reader.read("DUBAN_SESSION_MINUTES", 120, _number(5, 1440)),
            upload_megabytes=reader.read("DUBAN_UPLOAD_MEGABYTES", 20, _number(1, 500)),
            with_sm3=reader.read("DUBAN_SM3", False, _sm3_switch),
            mail=_mail_route(reader),
            networks=reader.read("DUBAN_WEBHOOK_NETWORKS", _NOWHERE, _networks),
            address=reader.read("DUBAN_ADDRESS", "", _address),
            owner_database_url=reader.read("DUBAN_OWNER_DATABASE_URL", None, _server_url),
        )
        if reader.wrong:
            raise SettingsInvalid(reasons="; ".join(reader.wrong))
        return settings

    def notary(self) -> Notary:
        """Give the keeper of the signing key and of the checkpoints outside the database."""
        return Notary(self.instance, self.with_sm3)


def default_database_url(instance: Path) -> str:
    """Give the address of the SQLite file that an installation has by default."""
    return f"sqlite:///{instance / 'duban.sqlite3'}"


def secret_key(instance: Path) -> bytes:
    """Give the key that signs cookies and forms, made at first start and readable by its owner.

    Two processes that start at once agree on one key: the second finds the file of the first.
    """
    path = instance / "cookie.key"
    instance.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"cookie.key.{secrets.token_hex(8)}")
    if not path.exists():
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_SECRET_BYTES))
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_bytes()


@dataclass(slots=True)
class _Reader:
    environ: Mapping[str, str]
    wrong: list[str] = field(default_factory=list)

    def read(self, name: str, default: _Value, convert: Callable[[str], _Value]) -> _Value:
        text = self.environ.get(name, "").strip()
        if not text:
            return default
        try:
            return convert(text)
        except ValueError as error:
            self.wrong.append(f"{name}={text!r}: {error}")
            return default


def _folder(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError("is a file, not a folder")
    return path


def _url(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql+psycopg://", "postgresql://")):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    # psycopg 3 is the driver that is installed; the short form would ask for psycopg2.
    return text.replace("postgresql://", "postgresql+psycopg://", 1)


def _server_url(text: str) -> str | None:
    if not text.startswith(("postgresql+psycopg://", "postgresql://")):
        raise ValueError("must begin with postgresql://")
    return _url(text)


def _switch(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("must be 0 or 1")
    return text == "1"


def _sm3_switch(text: str) -> bool:
    is_on = _switch(text)
    if is_on and not has_sm3():
        raise ValueError("the OpenSSL that this Python uses has no SM3")
    return is_on


def _mail_route(reader: _Reader) -> MailRoute | None:
    nobody: tuple[str, ...] = ()
    recipients = reader.read("DUBAN_CHECKPOINT_MAIL", nobody, _addresses)
    host = reader.read("DUBAN_SMTP_HOST", "", str)
    sender = reader.read("DUBAN_SMTP_FROM", nobody, _addresses)
    security = reader.read("DUBAN_SMTP_SECURITY", "starttls", _one_of(SECURITIES))
    port = reader.read("DUBAN_SMTP_PORT", 25, _number(1, 65_535))
    user = reader.read("DUBAN_SMTP_USER", "", str)
    password = reader.read("DUBAN_SMTP_PASSWORD", "", str)
    domains = reader.read("DUBAN_MAIL_DOMAINS", nobody, _domains)
    if not host or not sender:
        for name, given in (("CHECKPOINT_MAIL", recipients), ("SMTP_HOST", host)):
            if given:
                needed = "DUBAN_SMTP_HOST and DUBAN_SMTP_FROM"
                reader.wrong.append(f"DUBAN_{name} needs {needed}")
        return None
    return MailRoute(host, sender[0], recipients, port, security, user, password, domains)


def _addresses(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not all(_ADDRESS.fullmatch(each) for each in found):
        raise ValueError("must be mail addresses with commas between them")
    return found


def _domains(text: str) -> tuple[str, ...]:
    found = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    if not all(_DOMAIN.fullmatch(each) for each in found):
        raise ValueError("must be domains of mail addresses with commas between them")
    return found


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _address(text: str) -> str:
    if not _WEB_ADDRESS.fullmatch(text):
        raise ValueError("must be an address such as https://duban.example")
    return text.rstrip("/")


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    def convert(text: str) -> str:
        if text not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return text

    return convert


def _number(least: int, most: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return convert
