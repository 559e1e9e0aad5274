"""Settings of an installation, read once from the environment."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, TypeVar

from workflows.domain.errors import DubanError

_SECRET_BYTES = 48
_Value = TypeVar("_Value")


class SettingsInvalid(DubanError):
    """These settings cannot be used: {reasons}"""

    code: ClassVar[str] = "settings_invalid"


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs between installations.

    Attributes:
        database_url: DUBAN_DATABASE_URL, default ``instance/duban.sqlite3`` below ``instance``.
        instance: DUBAN_INSTANCE, the folder of what belongs to this site: database, keys,
            exports. Default ``instance`` in the working folder.
        https: DUBAN_HTTPS, whether people reach the pages through HTTPS: cookies are then
            sent over nothing else. ``0`` or ``1``, default ``0``.
        proxies: DUBAN_PROXIES, how many reverse proxies stand before the server; their
            forwarded addresses are believed. Default 0.
        session_minutes: DUBAN_SESSION_MINUTES, after how much idle time a login ends. Default 120.
        upload_megabytes: DUBAN_UPLOAD_MEGABYTES, the largest request that is read. Default 20.
    """

    database_url: str
    instance: Path
    https: bool = False
    proxies: int = 0
    session_minutes: int = 120
    upload_megabytes: int = 20

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
        )
        if reader.wrong:
            raise SettingsInvalid(reasons="; ".join(reader.wrong))
        return settings


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


def _switch(text: str) -> bool:
    if text not in {"0", "1"}:
        raise ValueError("must be 0 or 1")
    return text == "1"


def _number(least: int, most: int) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return convert
