"""Packs as cases run on them, loaded once and kept by their hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.errors import DubanError
from workflows.domain.roles import Actor
from workflows.engine import Definition, Pack, load_pack
from workflows.services.journal import append_house
from workflows.store.tables import PackFile, PackVersion

_loaded: dict[str, Pack] = {}
_lock = Lock()


class PackMissing(DubanError):
    """No rule pack {hash} is installed here."""

    code: ClassVar[str] = "pack_missing"


def files_below(folder: Path) -> dict[str, bytes]:
    """Read all files of a pack folder by their path in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def pack_of(session: Session, pack_hash: str) -> Pack:
    """Give an installed pack.

    Raises:
        PackMissing: There is none of that hash.
    """
    known = _loaded.get(pack_hash)
    if known is not None:
        return known
    statement = select(PackFile.path, PackFile.content).where(PackFile.pack_hash == pack_hash)
    files = dict(session.execute(statement).all())
    if not files:
        raise PackMissing(hash=pack_hash)
    return remember(_load(pack_hash, files))


def remember(pack: Pack) -> Pack:
    """Keep a loaded pack for the life of the process."""
    with _lock:
        return _loaded.setdefault(pack.hash, pack)


def _load(pack_hash: str, files: Mapping[str, bytes]) -> Pack:
    pack = load_pack(files)
    if pack.hash != pack_hash:
        raise PackMissing(hash=pack_hash)
    return pack


def current_pack(session: Session) -> Pack:
    """Give the pack that new cases run on.

    Raises:
        PackMissing: None is in force.
    """
    pack = pack_in_force(session)
    if pack is None:
        raise PackMissing(hash="")
    return pack


def pack_in_force(session: Session) -> Pack | None:
    """Give the pack that new cases run on, if there is one."""
    statement = select(PackVersion.hash).where(PackVersion.state == "in_force")
    pack_hash = session.execute(statement).scalar_one_or_none()
    return None if pack_hash is None else pack_of(session, pack_hash)


def definition_of(session: Session, pack_hash: str, process_id: str) -> Definition:
    """Give one process of an installed pack."""
    return pack_of(session, pack_hash).processes[process_id]


def install_shipped_pack(session: Session, actor: Actor, now: datetime, folder: Path) -> Pack:
    """Install the pack that ships with the product: shipped, not approved here."""
    pack = remember(load_pack(files_below(folder)))
    session.add(
        PackVersion(
            hash=pack.hash,
            pack_id=pack.id,
            title=pack.title("zh"),
            label=pack.version_label,
            state="in_force",
            installed_at=now,
            installed_by=actor.account_id,
            approved_by=None,
        )
    )
    session.flush()
    session.add_all(
        PackFile(pack_hash=pack.hash, path=path, content=content)
        for path, content in pack.files.items()
    )
    append_house(
        session, actor, now, "pack_installed", pack.hash, reason="shipped, not approved here"
    )
    return pack


@lru_cache(maxsize=4096)
def split_definition(definition: str) -> tuple[str, str]:
    """Split ``<pack hash>/<process id>``."""
    pack_hash, _, process_id = definition.partition("/")
    return pack_hash, process_id
